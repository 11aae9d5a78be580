"""A session: one PostgreSQL, its own speed and ours in turn, three times over.

Each run of ours has a run of pgbench right before it, so that both meet the same machine: a disk
that gets slower, or a neighbour, moves both.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from msgspec import Struct

from jifen.common import clock
from jifen.faces.bench import machine, pgbench, singles
from jifen.faces.bench.orders import write_orders
from jifen.faces.bench.place import CODE, Place, place
from jifen.faces.bench.report import Report, Sample
from jifen.faces.bench.serving import server
from jifen.faces.cli.errors import CommandError

FIGURES: Final = ("batch", "http_batch", "http_single")
LANES: Final = 2
CONNECTIONS: Final = 3
# More than this machine can book, so that a run never ends before its time.
_MOST_A_SECOND: Final = 25_000
_SEED: Final = 20_260_101
_HISTORY: Final = 20_000


class Options(Struct, frozen=True):
    """What to measure, and for how long a run."""

    seconds: int
    rounds: int
    members: int
    figures: tuple[str, ...]
    url: str | None


@dataclass
class _Session:
    place: Place
    options: Options
    key: str
    ports: dict[bool, int]
    report: Report
    runs: int = 0
    tell: Callable[[str], None] = field(default=lambda _: None)


def measure(*, options: Options, tell: Callable[[str], None]) -> Report:
    """Run a session; ``tell`` hears what is being done. Raises ``CommandError``."""
    with place(options.url) as where, ExitStack() as parts:
        tell(f"preparing {options.members:,} members")
        where.jifen("migrate")
        key = where.child("filling", members=options.members)["key"]
        _book_history(where, members=options.members)
        where.program("vacuumdb", "--analyze", "--quiet")
        pgbench.prepare_tables(where)
        parts.callback(pgbench.drop_tables, where)
        served = {"http_batch", "http_single"} & set(options.figures)
        modes = (True, False) if served else ()
        ports = {durable: parts.enter_context(server(where, durable=durable)) for durable in modes}
        found = machine.describe(
            folder=where.folder,
            postgres=where.server_version(),
            embedded=options.url is None,
            at=clock.now(),
        )
        report = Report(
            machine=found,
            seconds=options.seconds,
            rounds=options.rounds,
            members=options.members,
            notes=found.warnings(),
        )
        session = _Session(where, options, key, ports, report, tell=tell)
        for number in range(1, options.rounds + 1):
            _round(session, number)
        tell("verifying")
        report.activities = where.purchases()
        report.verified = bool(json.loads(_verify(where))["ok"])
    return report


def _book_history(where: Place, *, members: int) -> None:
    """Orders from before: a shop that is measured has been open for a while. A planner that has
    been told of empty tables reads them from end to end, and keeps such plans for a while."""
    file = where.folder / "history.ndjson"
    write_orders(file, run="h", count=_HISTORY, members=members, seed=_SEED, at=clock.now())
    told = where.child("lanes", file=str(file), seconds=_HISTORY, lanes=LANES)
    file.unlink()
    if told["orders"] != _HISTORY:
        raise CommandError(f"{told['orders']} of {_HISTORY} orders are booked: {told['why']}")


def _verify(where: Place) -> str:
    return where.jifen("verify", "--programme", CODE, "--json")


def _round(session: _Session, number: int) -> None:
    """Every figure once, with durable commits and without."""
    if number == 1 and "http_single" in session.options.figures and not singles.is_there():
        session.report.notes.append(f"http_single is left out: {singles.HOW_TO_INSTALL}")
    measured: dict[str, Callable[..., Sample]] = {
        "batch": _batch,
        "http_batch": _http_batch,
        "http_single": _http_single,
    }
    for figure in session.options.figures:
        if figure == "http_single" and not singles.is_there():
            continue
        for durable in (True, False):
            commits = "durable" if durable else "async"
            session.tell(f"round {number} of {session.options.rounds}: {figure}, {commits}")
            transactions = pgbench.transactions_per_second(
                session.place, seconds=session.options.seconds, durable=durable
            )
            sample = measured[figure](session, transactions, durable=durable)
            session.report.samples.append(sample)
    if "batch" in session.options.figures:
        session.tell(f"round {number} of {session.options.rounds}: batch, one lane")
        session.report.one_lane.append(_lanes(session, lanes=1, durable=True))


def _batch(session: _Session, transactions: float, *, durable: bool) -> Sample:
    rate = _lanes(session, lanes=LANES, durable=durable)
    return Sample("batch", durable, transactions, rate)


def _lanes(session: _Session, *, lanes: int, durable: bool) -> float:
    """Orders a second of an importing process, whose memory is noted."""
    told = _checked(session, "lanes", durable=durable, lanes=lanes)
    session.report.peak_kib = max(session.report.peak_kib, told["peak_kib"])
    return float(told["orders"] / told["seconds"])


def _http_batch(session: _Session, transactions: float, *, durable: bool) -> Sample:
    told = _checked(
        session,
        "batches",
        port=session.ports[durable],
        key=session.key,
        connections=CONNECTIONS,
    )
    rate = told["orders"] / told["seconds"]
    return Sample("http_batch", durable, transactions, rate)


def _checked(session: _Session, module: str, **given: Any) -> dict[str, Any]:
    """Run a child on a fresh file of orders; what it booked has to be in the books."""
    seconds = session.options.seconds
    file = _fresh_orders(session)
    before = session.place.purchases()
    told: dict[str, Any] = session.place.child(module, file=str(file), seconds=seconds, **given)
    file.unlink()
    if told["refused"]:
        raise CommandError(f"{told['refused']} were refused, first: {told['why']}")
    booked = session.place.purchases() - before
    if booked != told["orders"]:
        raise CommandError(f"{told['orders']} orders were answered, {booked} are booked")
    return told


def _fresh_orders(session: _Session) -> Path:
    options = session.options
    session.runs += 1
    file = session.place.folder / f"orders-{session.runs}.ndjson"
    write_orders(
        file,
        run=f"b{session.runs}",
        count=options.seconds * _MOST_A_SECOND,
        members=options.members,
        seed=_SEED + session.runs,
        at=clock.now(),
    )
    return file


def _http_single(session: _Session, transactions: float, *, durable: bool) -> Sample:
    session.runs += 1
    told = singles.post(
        session.place,
        port=session.ports[durable],
        key=session.key,
        name=f"w{session.runs}",
        members=session.options.members,
        seed=_SEED + session.runs,
        seconds=session.options.seconds,
        at=clock.now(),
    )
    return Sample(
        "http_single",
        durable,
        transactions,
        told.completed * 1_000_000 / told.microseconds,
        p50_ms=told.p50_microseconds / 1_000,
        p99_ms=told.p99_microseconds / 1_000,
    )
