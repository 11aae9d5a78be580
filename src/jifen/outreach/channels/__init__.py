"""The ways to reach members. One more is a file here, a line in ``registry.py`` and in
``earning/rules/notices.py``, a test, and a row in ``docs/notices.md``.
"""
