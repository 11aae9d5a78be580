"""Statements of the members room; ``queries`` is their only door."""
