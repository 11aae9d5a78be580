"""Tiers: what a member's kept purchases add up to, and the level it gives.

A tier rises at once and is lowered only by a refund. Spending points never touches it.
"""
