"""Statements of the earning room; ``queries`` is their only door."""
