"""Who writes the commentary."""
