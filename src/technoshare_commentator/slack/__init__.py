"""Slack: rendering and posting."""
