"""What a session tells people: the page, and what forges show."""
