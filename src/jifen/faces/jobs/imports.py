"""Jobs about files that people upload: importing them, and removing them after some days."""

import logging

from procrastinate.contrib.django import app

from jifen.common import clock
from jifen.faces.jobs.turns import in_turns
from jifen.faces.jobs.waking import wake

log = logging.getLogger(__name__)
NAME = "jifen.imports"


@app.periodic(cron="* * * * *")
@app.task(name=NAME, queueing_lock=NAME, pass_context=False)
def import_files(timestamp: int) -> None:
    """Each minute (at ``timestamp``, Unix seconds), and when somebody starts one, take every
    programme's open imports further, batch by batch.

    It has no lock: a worker that was killed would keep it. Each import is claimed for itself."""
    left = in_turns(_import)
    if left:
        wake(NAME, alone=False)
    log.info("imports at=%d to go on=%d", timestamp, left)


@app.periodic(cron="23 3 * * *")
@app.task(name="jifen.import_files", queueing_lock="jifen.import_files", pass_context=False)
def remove_files(timestamp: int) -> None:
    """Each night (at ``timestamp``, Unix seconds) remove files that were uploaded some days ago."""
    left = in_turns(_remove)
    log.info("import files at=%d to go on=%d", timestamp, left)


def _import() -> bool:
    from jifen.faces.importing import working

    return working.go_on(at=clock.now())


def _remove() -> bool:
    from jifen.faces.importing import uploads

    return uploads.clean(at=clock.now()) > 0
