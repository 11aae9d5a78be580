"""``jifen bench-scale``: whether a shop slows down as its members and its history grow.

``session`` is the only door. Two homes, one small and one large, each with an embedded server of
its own, are filled with histories that the real services booked for a hundred members and that
``COPY`` then multiplies (``template``, ``filling``). The same measurements (``measuring``) run on
both in turn. What is measured is written in ``docs/speed.md``.
"""
