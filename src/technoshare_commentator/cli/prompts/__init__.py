"""`technoshare prompts …`."""
