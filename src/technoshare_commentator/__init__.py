"""Reads technology links and answers with a commentary that is grounded in the page."""

__version__ = "0.1.0"
