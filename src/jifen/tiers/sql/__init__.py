"""Statements of the tiers room; ``queries`` is their only door."""
