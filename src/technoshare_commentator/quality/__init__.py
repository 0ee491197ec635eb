"""What a good commentary is, and who checks it."""
