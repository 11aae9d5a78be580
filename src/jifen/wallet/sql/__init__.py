"""Statements of the wallet; ``queries`` is their only door."""
