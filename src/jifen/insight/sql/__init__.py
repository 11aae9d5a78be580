"""Statements of the insight room; ``queries`` is their only door."""
