"""Jobs about files that people ask for: making them, and removing them after some days."""

import logging

from procrastinate.contrib.django import app

from jifen.common import clock
from jifen.faces.jobs.turns import in_turns
from jifen.faces.jobs.waking import wake

log = logging.getLogger(__name__)
NAME = "jifen.exports"


@app.periodic(cron="* * * * *")
@app.task(name=NAME, queueing_lock=NAME, lock=NAME, pass_context=False)
def make_files(timestamp: int) -> None:
    """Each minute (at ``timestamp``, Unix seconds), and when somebody asks for one, make every
    programme's files, one after the other: a large one keeps no other job waiting, as two would."""
    left = in_turns(_export)
    if left:
        wake(NAME)
    log.info("exports at=%d to go on=%d", timestamp, left)


@app.periodic(cron="33 3 * * *")
@app.task(name="jifen.export_files", queueing_lock="jifen.export_files", pass_context=False)
def remove_exports(timestamp: int) -> None:
    """Each night (at ``timestamp``, Unix seconds) remove files that were made some days ago."""
    left = in_turns(_remove)
    log.info("export files at=%d to go on=%d", timestamp, left)


def _export() -> bool:
    from jifen.faces.exporting import working

    return working.go_on(at=clock.now())


def _remove() -> bool:
    from jifen.faces.exporting import runs

    return runs.clean(at=clock.now()) > 0
