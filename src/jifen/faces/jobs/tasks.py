"""The jobs, found by name (``tasks``) when Django starts."""

import logging

from procrastinate.contrib.django import app

from jifen.common.scope import scope

log = logging.getLogger(__name__)


@app.periodic(cron="17 3 * * *")
@app.task(name="jifen.verify", queueing_lock="jifen.verify", pass_context=False)
def verify_all(timestamp: int) -> None:
    """Each night (at ``timestamp``, Unix seconds) check every programme's ledger."""
    # The queue imports this module while Django is still starting, when no room may be entered.
    from jifen.ledger import services as ledger
    from jifen.programmes import selectors as programmes

    for programme in programmes.programmes():
        with scope(programme.id):
            result = ledger.verify()
        log.log(
            logging.INFO if result.ok else logging.ERROR,
            "verified programme=%s ok=%s night=%d",
            programme.code,
            result.ok,
            timestamp,
        )
