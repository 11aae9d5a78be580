"""Every scheduled job, by the queue's own worker on a server of its own: with one programme broken
it serves the others and says whose turn failed, mended it does what is left, and again nothing.
"""

import json
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from tests.homes import ROOT, Home, homes, wait_until

Facts = dict[str, Any]


class Shops:
    """Three programmes; the middle one is broken now and then."""

    def __init__(self, home: Home) -> None:
        self.home = home
        self.path = os.pathsep.join([str(ROOT / "src"), str(ROOT)])
        self.ids: dict[str, str] = json.loads(self.process("shops")[0])
        self.broken = sorted(self.ids)[1]

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        """A process of ``tests.working``."""
        folder = str(self.home.path / "letters")
        return self.home.start(
            *("-m", "tests.working", *arguments),
            PYTHONPATH=self.path,
            JIFEN_NOTICES_FOLDER=folder,
        )

    def process(self, *arguments: str) -> tuple[str, str]:
        """Output and log of ``tests.working``."""
        process = self.start(*arguments)
        output, errors = process.communicate(timeout=120)
        assert process.returncode == 0, errors
        return output, errors

    def work(self, job: str) -> str:
        """Have the worker do it once; answers its log. The job itself never fails."""
        log = self.process("work", job)[1]
        [(status,)] = self.rows(
            "SELECT status FROM procrastinate_jobs WHERE task_name = %s ORDER BY id DESC LIMIT 1",
            job,
        )
        assert status == "succeeded", log
        return log

    def rows(self, statement: str, *values: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.home.owner_url) as connection:
            return connection.execute(statement.encode(), values).fetchall()

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.home.owner_url) as connection:
            connection.execute(statement.encode())

    @contextmanager
    def breaking(self, table: str) -> Iterator[None]:
        """Whoever reads a row of that programme in this table gets an error of the database, with
        the row's id in its text."""
        self.execute(
            f"CREATE POLICY everybody ON {table} USING (true);"
            f"CREATE POLICY broken ON {table} AS RESTRICTIVE USING (programme_id <>"
            f" '{self.ids[self.broken]}' OR ('secret ' || programme_id)::int = 0);"
            f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        )
        try:
            yield
        finally:
            self.execute(
                f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY;"
                f"DROP POLICY broken ON {table}; DROP POLICY everybody ON {table}"
            )

    def counts(self, statement: str) -> Facts:
        """What a statement counts by programme; nothing is 0."""
        found = {str(programme): count for programme, count in self.rows(statement)}
        return {code: found.get(id_, 0) for code, id_ in self.ids.items()}


@pytest.fixture(scope="module")
def shops() -> Iterator[Shops]:
    with homes() as folder:
        home = Home(folder / "home")
        with home.running():
            yield Shops(home)


def aged(shops: Shops) -> None:
    shops.execute("UPDATE outbox_delivery SET done_at = done_at - interval '31 days'")


def a_week_later(shops: Shops) -> None:
    shops.execute("UPDATE import_run SET uploaded_at = uploaded_at - interval '8 days'")


def files_are_old(shops: Shops) -> None:
    shops.execute("UPDATE export_run SET ended_at = ended_at - interval '8 days'")


EVENTS_GONE = """SELECT p.id, 1 - count(e.id)
    FROM programme p LEFT JOIN outbox e ON e.programme_id = p.id GROUP BY 1"""
# The job, a table it cannot do without, and what it has done: once for each programme.
JOBS: list[tuple[str, str, str, Callable[[Shops], None] | None]] = [
    # Before the gift: any act of a member books the end of its tier.
    ("jifen.tier_ends", "standing",
     "SELECT programme_id, count(*) FROM standing WHERE tier_until IS NULL GROUP BY 1", None),
    ("jifen.endings", "lot",
     "SELECT programme_id, count(*) FROM posting WHERE kind = 'expire' GROUP BY 1", None),
    ("jifen.notices", "outbox_delivery",
     "SELECT programme_id, count(*) FROM notice WHERE state = 'sent' GROUP BY 1", None),
    ("jifen.outbox", "outbox_delivery", EVENTS_GONE, aged),
    ("jifen.gift_runs", "gift_run",
     "SELECT programme_id, count(*) FROM activity WHERE kind = 'gift' GROUP BY 1", None),
    # Before the import: one that is done wakes it.
    ("jifen.reports", "standing",
     "SELECT programme_id, count(counted_on) FROM report_progress GROUP BY 1", None),
    ("jifen.imports", "import_run",
     "SELECT programme_id, count(*) FROM import_run WHERE status = 'done' GROUP BY 1", None),
    ("jifen.import_files", "import_file",
     "SELECT programme_id, count(removed_at) FROM import_run GROUP BY 1", a_week_later),
    ("jifen.exports", "export_run",
     "SELECT programme_id, count(*) FROM export_run WHERE status = 'done' GROUP BY 1", None),
    ("jifen.export_files", "export_part",
     "SELECT programme_id, count(removed_at) FROM export_run GROUP BY 1", files_are_old),
    ("jifen.what_ifs", "what_if",
     "SELECT programme_id, count(*) FROM what_if WHERE status = 'done' GROUP BY 1", None),
]  # fmt: skip


def test_each_job_serves_whom_it_can_then_the_rest_and_then_has_nothing_to_do(
    shops: Shops,
) -> None:
    """In this order: what one job leaves behind is what the next one finds."""
    nobody, everybody = dict.fromkeys(shops.ids, 0), dict.fromkeys(shops.ids, 1)
    for job, table, done, before in JOBS:
        if before:
            before(shops)
        served = [shops.counts(done)]
        with shops.breaking(table):
            log = shops.work(job)
        served.append(shops.counts(done))
        mended = shops.work(job)
        served.append(shops.counts(done))
        shops.work(job)
        served.append(shops.counts(done))
        assert served == [nobody, everybody | {shops.broken: 0}, everybody, everybody], job
        assert failed_turns(log, shops) == [shops.broken], job
        assert "failed" not in mended, job


def failed_turns(log: str, shops: Shops) -> list[str]:
    """The programmes that a log names, which are those whose turn failed and no others; why is
    told without what is in a row."""
    assert "DataError" in log
    assert "secret" not in log, "the error's text may hold what is in a row"
    named = [code for code in shops.ids if code in log]
    assert all(f"a turn of programme {code} failed" in log for code in named)
    return named


def test_the_nightly_check_goes_on_where_one_programme_cannot_be_checked(shops: Shops) -> None:
    with shops.breaking("posting"):
        log = shops.work("jifen.verify")
    assert f"a turn of programme {shops.broken} failed" in log
    assert [f"verified programme={code} ok=True" in log for code in sorted(shops.ids)] == [
        True,
        False,
        True,
    ]
    log = shops.work("jifen.verify")
    assert all(f"verified programme={code} ok=True" in log for code in shops.ids)


def test_the_nightly_check_names_a_programme_whose_books_are_wrong(shops: Shops) -> None:
    wrong = shops.ids[shops.broken]
    shops.execute(f"UPDATE account SET available = available + 1 WHERE programme_id = '{wrong}'")
    log = shops.work("jifen.verify")
    assert [f"verified programme={code} ok=True" in log for code in sorted(shops.ids)] == [
        True,
        False,
        True,
    ]
    assert f"verified programme={shops.broken} ok=False" in log
    shops.execute(f"UPDATE account SET available = available - 1 WHERE programme_id = '{wrong}'")


def test_a_killed_worker_holds_up_its_jobs_for_a_minute_only(shops: Shops) -> None:
    job = "jifen.gift_runs"
    state = "SELECT status FROM procrastinate_jobs WHERE task_name = %s ORDER BY id DESC LIMIT 1"
    with psycopg.connect(shops.home.owner_url) as blocking:
        blocking.execute("LOCK TABLE programme IN ACCESS EXCLUSIVE MODE")
        process = shops.start("work", job)
        wait_until(lambda: shops.rows(state, job) == [("doing",)])
        process.kill()
        process.communicate()
    shops.process("work", job)
    assert shops.rows(state, job) == [("todo",)], "the dead one's lock holds it up"
    shops.execute("UPDATE procrastinate_workers SET last_heartbeat = now() - interval '1 minute'")
    assert f"of killed workers: {job}" in shops.work("jifen.dead_jobs")
    assert shops.rows(state, job) == [("succeeded",)]
    assert "given up" not in shops.work("jifen.dead_jobs")
