"""A sentence taken apart: its words, names and quantities, and what English makes of them."""
