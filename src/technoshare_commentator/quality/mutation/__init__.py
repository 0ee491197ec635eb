"""Who tests the tests: good commentaries, broken in ways that have names, and which scorer notices."""
