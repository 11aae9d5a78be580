"""The ground floor: clock, ids, errors, scope, SQL and the embedded database.

Knows nothing of members or points; every other room stands on it.
"""
