"""Statements of the ledger; ``queries`` is their only door."""
