"""Tracking and evaluation for any project: nothing in here knows what TechnoShare does."""
