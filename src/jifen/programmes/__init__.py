"""Programmes: the tenancy boundary, and under which policy a programme runs.

Merchants, stores, units, API clients, and rule sets: a draft may change, a published version
never does (the database grants no update). ``programme`` and ``api_key`` are global tables,
read before a scope is known.
"""
