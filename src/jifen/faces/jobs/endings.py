"""Jobs about how points end: notices planned, expired lots closed, clears done, notices sent.

Each takes every programme a little further, by what the tables say is due in its own zone.
"""

import logging
from typing import Final

from procrastinate.contrib.django import app

from jifen.common import clock
from jifen.faces.jobs.turns import in_turns

log = logging.getLogger(__name__)
BY: Final = "jifen"
NOTICES: Final = 20


@app.periodic(cron="*/5 * * * *")
@app.task(
    name="jifen.endings", queueing_lock="jifen.endings", lock="jifen.endings", pass_context=False
)
def tend_endings(timestamp: int) -> None:
    """Every five minutes (at ``timestamp``, Unix seconds): plan notices from the hour on that each
    programme says, close expired lots once a local day, do clears whose day is over."""
    left = in_turns(_tend)
    log.info("endings at=%d to go on=%d", timestamp, left)


@app.periodic(cron="* * * * *")
@app.task(
    name="jifen.notices", queueing_lock="jifen.notices", lock="jifen.notices", pass_context=False
)
def send_notices(timestamp: int) -> None:
    """Each minute (at ``timestamp``, Unix seconds) send the notices whose turn it is."""
    left = in_turns(_send)
    log.info("notices at=%d to go on=%d", timestamp, left)


@app.periodic(cron="43 3 * * *")
@app.task(name="jifen.outbox", queueing_lock="jifen.outbox", pass_context=False)
def clean_outbox(timestamp: int) -> None:
    """Each night (at ``timestamp``, Unix seconds) delete events that were delivered long ago."""
    left = in_turns(_clean)
    log.info("outbox at=%d to go on=%d", timestamp, left)


def _tend() -> bool:
    """One turn; answers whether something is left."""
    from jifen.outreach import services
    from jifen.outreach.types import RunBusy
    from jifen.programmes.types import NoRuleSet

    try:
        done = services.tend(at=clock.now(), by=BY)
    except (NoRuleSet, RunBusy):
        return False
    for run in done:
        if run.finished_at is not None and run.untold:
            kept = {unit: left.members for unit, left in run.untold.items()}
            log.warning(
                "run %s of kind %s left members whom nobody told: %s", run.id, run.kind, kept
            )
    return any(run.finished_at is None for run in done)


def _send() -> bool:
    from jifen.outreach import services

    return services.send(clock=clock.now, limit=NOTICES).tried == NOTICES


def _clean() -> bool:
    from jifen.outreach import services

    return services.clean(at=clock.now()) > 0
