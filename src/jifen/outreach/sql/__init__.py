"""Statements of outreach; ``queries`` is their only door."""
