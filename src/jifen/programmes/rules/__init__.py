"""Decisions about staff, without a database."""
