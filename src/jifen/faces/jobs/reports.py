"""Keeping reports up to date: sums by day of what is settled, and members counted once a day."""

import logging

from procrastinate.contrib.django import app

from jifen.common import clock
from jifen.faces.jobs.turns import in_turns
from jifen.faces.jobs.waking import REPORTS

log = logging.getLogger(__name__)


@app.periodic(cron="*/10 * * * *")
@app.task(name=REPORTS, queueing_lock=REPORTS, lock=REPORTS, pass_context=False)
def refresh_reports(timestamp: int) -> None:
    """Every ten minutes (at ``timestamp``, Unix seconds), and when an import is done, take every
    programme's reports further, slice by slice."""
    left = in_turns(_refresh)
    log.info("reports at=%d to go on=%d", timestamp, left)


def _refresh() -> bool:
    from jifen.insight import services

    return services.refresh(at=clock.now())
