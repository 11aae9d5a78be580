"""``jifen bench``: our speed beside PostgreSQL's own, on one server in one session.

``session`` is the only door. It starts the parts as processes of their own, as they run in a
shop: pgbench, an importing process (``lanes``), ``jifen serve``, and a light client
(``batches``, or wrk with ``orders.lua``). What is measured is written in ``docs/speed.md``.
"""
