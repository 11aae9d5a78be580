"""Shops for the jobs, and the queue's own worker on them, as a process of its own.

``python -m tests.working shops`` makes three programmes in which every job has something to do and
prints their codes and ids; ``python -m tests.working work NAME …`` puts these jobs into the queue,
lets the worker take what waits, and ends.
"""

import json
import sys
import uuid
from datetime import datetime, timedelta

SHOPS = 3


def shops() -> None:
    """Print {code: id}."""
    now = datetime.now().astimezone()
    made = [_shop(now) for _ in range(SHOPS)]
    print(json.dumps(dict(made)))


def _shop(now: datetime) -> tuple[str, str]:
    """Points that were over yesterday and some that end tomorrow, a tier whose year is over, a
    gift that nobody has got yet, a file that nobody has imported, one that nobody has made, and a
    draft that nobody has tried."""
    from tests.tiered import buys, yearly
    from tests.told import SHANGHAI, lot
    from tests.world import World, rule_set

    from jifen.audience import gift_runs
    from jifen.audience.types import BulkGift, ToAll
    from jifen.faces.exporting import runs
    from jifen.faces.exporting.types import ExportAsked
    from jifen.faces.importing import uploads
    from jifen.insight import services as insight
    from jifen.programmes import services as programmes

    long_ago, today = now - timedelta(days=3 * 366), now.astimezone(SHANGHAI).date()
    notices = {"days": [1], "hour": 0, "channels": ["file"]}
    world = World(yearly(notices={"points": notices}), at=long_ago)
    member = world.member(lot(70, today - timedelta(days=1)), lot(30, today + timedelta(days=1)))
    buys(world, member, 600_000, long_ago)
    gift = BulkGift(unit="points", points=5, reason="thanks", actor="staff", to=ToAll())
    with world.scope():
        gift_runs.start(gift, key=uuid.uuid4().hex, caller=world.caller, at=now)
        file = uploads.upload(
            content=b"phone,name\n13800138000,Li\n",
            kind="members",
            form="csv",
            name="members.csv",
            client_id=world.caller.client_id,
            by="staff",
            at=now,
        )
        programmes.save_draft(name="next", document=rule_set(), by="staff", at=now)
        insight.start_what_if(draft="next", stores=None, by="staff", at=now)
        uploads.start_run(file, stores=None, earliest_at=None, at=now)
        runs.ask(
            ExportAsked(kind="postings"),
            client_id=world.caller.client_id,
            by="staff",
            stores=None,
            at=now,
        )
    return world.programme.code, str(world.programme.id)


def work(*names: str) -> None:
    """Let the worker do these jobs."""
    from procrastinate.contrib.django import app as queue
    from procrastinate.contrib.django.django_connector import DjangoConnector

    # Without the schedule: a job comes when it is named.
    queue.periodic_registry.periodic_tasks.clear()
    for name in names:
        queue.configure_task(name).defer(timestamp=0)
    connector = queue.connector
    assert isinstance(connector, DjangoConnector)
    with queue.replace_connector(connector.get_worker_connector()) as app:
        app.run_worker(wait=False, install_signal_handlers=False)


if __name__ == "__main__":
    from jifen.faces.cli.startup import open_database

    open_database()
    {"shops": shops, "work": work}[sys.argv[1]](*sys.argv[2:])
