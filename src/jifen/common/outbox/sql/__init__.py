"""Statements of the outbox; ``queries`` is their door."""
