"""Evaluation: datasets, scorers, cases and the report over them."""
