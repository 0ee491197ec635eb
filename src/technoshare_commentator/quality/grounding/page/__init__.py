"""What a sentence can stand on: a page's passages, where numbers and names occur in them, what speaks of the same."""
