"""Whether the numbers of a sentence are those of the page, and belong to the same things."""
