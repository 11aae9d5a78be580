"""Tiers: what a member's kept purchases add up to, and the level it gives.

A tier rises at once. It is lowered by a refund, and by time where the ladder has a ``keep`` or it
was given until a day; spending points never touches it.
"""
