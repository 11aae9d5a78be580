"""Jifen (积分): an open, self-hosted member-points platform.

The tree is the architecture: a package per business noun, imports point down
(``faces`` → ``earning`` → ``tiers``, ``ledger`` → ``members`` → ``programmes`` → ``common``).
"""
