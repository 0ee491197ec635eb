"""Whether a sentence says what its support says: who does what, how surely, in which direction, and nothing more."""
