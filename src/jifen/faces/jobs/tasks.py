"""The jobs, found by name (``tasks``) when Django starts."""

import logging
from functools import partial

from procrastinate import JobContext
from procrastinate.contrib.django import app
from procrastinate.jobs import Status

from jifen.common import clock
from jifen.faces.jobs import endings, exports, imports, reports, what_ifs
from jifen.faces.jobs.turns import in_turns, take_turn

__all__ = [
    "end_dead_jobs",
    "end_tier_periods",
    "endings",
    "exports",
    "forget_attempts",
    "give_to_many",
    "imports",
    "reports",
    "verify_all",
    "what_ifs",
]
log = logging.getLogger(__name__)


@app.periodic(cron="* * * * *")
@app.task(name="jifen.dead_jobs", queueing_lock="jifen.dead_jobs", pass_context=True)
async def end_dead_jobs(context: JobContext, timestamp: int) -> None:
    """Each minute (at ``timestamp``, Unix seconds) give up the jobs of workers that were killed.

    A job that a dead worker began keeps its lock, and nothing of its name would ever run again. It
    needs not be tried again: the schedule's next one goes on where it was.
    """
    manager = context.app.job_manager
    dead = [*await manager.get_stalled_jobs()]
    for job in dead:
        await manager.finish_job(job, status=Status.FAILED, delete_job=False)
    if dead:
        names = " ".join(sorted({job.task_name for job in dead}))
        log.warning("given up at=%d jobs=%d of killed workers: %s", timestamp, len(dead), names)


@app.periodic(cron="17 3 * * *")
@app.task(name="jifen.verify", queueing_lock="jifen.verify", pass_context=False)
def verify_all(timestamp: int) -> None:
    """Each night (at ``timestamp``, Unix seconds) check every programme's ledger."""
    # The queue imports this module while Django is still starting, when no room may be entered.
    from jifen.programmes import selectors as programmes

    for programme in programmes.programmes():
        take_turn(programme, partial(_verify, programme.code, timestamp))


@app.periodic(cron="23 * * * *")
@app.task(name="jifen.attempts", queueing_lock="jifen.attempts", pass_context=False)
def forget_attempts(timestamp: int) -> None:
    """Each hour (at ``timestamp``, Unix seconds) remove the attempts to sign in that count no more.
    They are of no programme: nobody was signed in."""
    from jifen.programmes import attempts

    log.info("attempts at=%d forgotten=%d", timestamp, attempts.forget(at=clock.now()))


@app.periodic(cron="* * * * *")
@app.task(
    name="jifen.gift_runs",
    queueing_lock="jifen.gift_runs",
    lock="jifen.gift_runs",
    pass_context=False,
)
def give_to_many(timestamp: int) -> None:
    """Each minute (at ``timestamp``, Unix seconds) take every programme's open gift runs further,
    slice by slice."""
    left = in_turns(_give)
    log.info("gift runs at=%d to go on=%d", timestamp, left)


@app.periodic(cron="7 * * * *")
@app.task(
    name="jifen.tier_ends",
    queueing_lock="jifen.tier_ends",
    lock="jifen.tier_ends",
    pass_context=False,
)
def end_tier_periods(timestamp: int) -> None:
    """Each hour (at ``timestamp``, Unix seconds) book what the end of a period did to tiers."""
    left = in_turns(_end_tiers)
    log.info("tier ends at=%d to go on=%d", timestamp, left)


def _verify(code: str, night: int) -> bool:
    from jifen.earning import services as earning

    result = earning.verify()
    log.log(
        logging.INFO if result.ok else logging.ERROR,
        "verified programme=%s ok=%s night=%d",
        code,
        result.ok,
        night,
    )
    return False


def _give() -> bool:
    from jifen.audience import gift_runs

    return gift_runs.go_on(at=clock.now())


def _end_tiers() -> bool:
    from jifen.earning import services as earning
    from jifen.programmes.types import NoRuleSet

    try:
        return earning.end_periods(at=clock.now()) > 0
    except NoRuleSet:
        return False
