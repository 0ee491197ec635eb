"""From bytes of one format to a `Document`, one file each."""
