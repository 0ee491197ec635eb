"""Asking a stranger's server for a page: which address, which redirects, how much, how long."""
