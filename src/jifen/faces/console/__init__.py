"""The merchant console's one page. Everything else it asks the API for.

The page and its files are built from ``web/console``: ``page.html`` and ``static/console`` beside
this. It loads
nothing from anywhere else and runs no script but its own files; its addresses below ``/console/``
are the browser's matter, so each of them answers the same page.
"""
