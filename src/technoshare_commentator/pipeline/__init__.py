"""The one-way path from a message to a posted commentary."""
