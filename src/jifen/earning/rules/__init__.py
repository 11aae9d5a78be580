"""The rules of earning: pure functions from facts and a basket to an award.

No Django, no database, no clock. One file per kind of rule, registered in ``registry.py``;
``document.py`` is the published shape, ``policy.py`` the compiled one that everything calls:
preview, grant, refund, import and what-if. The page is ``docs/rules.md``.

Promises: integers only, one rounding that is named; every refusal is stated; an award with no
points says why; keeping fewer lines never earns more.
"""
