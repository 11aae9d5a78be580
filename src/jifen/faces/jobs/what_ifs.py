"""Finding out what drafts would have given."""

import logging

from procrastinate.contrib.django import app

from jifen.common import clock
from jifen.faces.jobs.turns import in_turns

log = logging.getLogger(__name__)
NAME = "jifen.what_ifs"


@app.periodic(cron="* * * * *")
@app.task(name=NAME, queueing_lock=NAME, pass_context=False)
def find_out(timestamp: int) -> None:
    """Each minute (at ``timestamp``, Unix seconds), and when somebody asks, find out what drafts
    would have given.

    It has no lock: a worker that was killed would keep it. Each what-if is claimed for itself."""
    left = in_turns(_find)
    log.info("what-ifs at=%d to go on=%d", timestamp, left)


def _find() -> bool:
    from jifen.insight import services

    return services.find_what_if(at=clock.now())
