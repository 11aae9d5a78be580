"""Waking a job before its schedule does. Nothing depends on it: a job that is lost is one that
comes a minute later."""

from __future__ import annotations

from typing import Final

from jifen.common import clock

REPORTS: Final = "jifen.reports"
"""Keeps the reports up to date."""


def wake(name: str, *, alone: bool = True) -> None:
    """Have the worker run this job as soon as it can, unless it waits in the queue already;
    ``alone``: not beside another of its name."""
    # The queue may be used only when Django has started.
    from procrastinate.contrib.django import app
    from procrastinate.exceptions import AlreadyEnqueued

    job = app.configure_task(name, queueing_lock=name, lock=name if alone else None)
    try:
        job.defer(timestamp=int(clock.now().timestamp()))
    except AlreadyEnqueued:
        return
