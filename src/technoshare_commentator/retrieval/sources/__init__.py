"""The places evidence comes from, one file each."""
