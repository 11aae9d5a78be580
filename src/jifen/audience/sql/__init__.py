"""Statements of the audience room; ``queries`` is their only door."""
