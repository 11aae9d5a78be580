"""Files that come in and go out: orders and members to book, balances to hand over.

A file is read in two steps. An adapter (:mod:`online_retail`, :mod:`documented`) is pure: lines
in, a :class:`~jifen.faces.importing.plan.Plan` of activities out, the same for the same file.
The runner (:mod:`orders`) then books the plan. So a run that was killed is simply run again:
the keys are the same, and what is booked already answers again.
"""
