"""`technoshare evals …`."""
