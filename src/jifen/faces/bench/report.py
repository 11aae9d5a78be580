"""What a session found: samples, their medians, the tables, and the lines for machines."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Iterable, Iterator

import msgspec
from msgspec import Struct

from jifen.faces.bench.machine import Machine

_MIB = 1024


class Sample(Struct, frozen=True, omit_defaults=True):
    """One run of ours and the run of pgbench right before it, both per second.

    ``durable``: with ``synchronous_commit`` on. ``p50_ms`` and ``p99_ms`` are of single orders.
    """

    figure: str
    durable: bool
    transactions: float
    orders: float
    p50_ms: float | None = None
    p99_ms: float | None = None


class Report(Struct, kw_only=True):
    """All samples of a session, and what was found beside them."""

    machine: Machine
    seconds: int
    rounds: int
    members: int
    samples: list[Sample] = []
    one_lane: list[float] = []
    peak_kib: int = 0
    verified: bool = False
    activities: int = 0
    notes: list[str] = []

    def figures(self) -> list[str]:
        """The figures that were measured, in their order."""
        return list(dict.fromkeys(sample.figure for sample in self.samples))

    def median(
        self, figure: str, value: Callable[[Sample], float | None], *, durable: bool
    ) -> float:
        """The median of one value over the rounds; 0 without samples."""
        found = [value(one) for one in self._of(figure, durable=durable)]
        known = [one for one in found if one is not None]
        return statistics.median(known) if known else 0.0

    def ratio(self, figure: str, *, durable: bool) -> float:
        """Our median by pgbench's."""
        transactions = self.median(figure, lambda one: one.transactions, durable=durable)
        orders = self.median(figure, lambda one: one.orders, durable=durable)
        return orders / transactions if transactions else 0.0

    def _of(self, figure: str, *, durable: bool) -> Iterable[Sample]:
        return (one for one in self.samples if (one.figure, one.durable) == (figure, durable))


def lines(report: Report) -> Iterator[str]:
    """The tables, what was found beside them, and last a line a figure for machines."""
    yield report.machine.line()
    yield (
        f"{report.members:,} members, 3 lines an order, {report.rounds} rounds of"
        f" {report.seconds} s a run; rates are medians, a second"
    )
    for durable in (True, False):
        yield ""
        yield from _table(report, durable=durable)
    yield ""
    if report.one_lane:
        rate = statistics.median(report.one_lane)
        yield f"batch with one lane instead of two: {rate:,.0f} orders a second"
    if report.peak_kib:
        together = report.peak_kib / _MIB
        yield f"peak memory of the importing processes together: {together:,.0f} MiB (VmHWM)"
    checked = "ok" if report.verified else "WRONG"
    yield f"verify: {checked} ({report.activities:,} orders in the books)"
    yield from report.notes
    yield ""
    yield from ratio_lines(report)


def ratio_lines(report: Report) -> Iterator[str]:
    """``batch ratio 1.07 (0.55 with async commit)``, a line for each measured figure."""
    for figure in report.figures():
        durable, lazy = (report.ratio(figure, durable=durable) for durable in (True, False))
        yield f"{figure} ratio {durable:.2f} ({lazy:.2f} with async commit)"


def as_json(report: Report) -> bytes:
    """Everything, for a file."""
    ratios = {
        figure: {
            "durable": round(report.ratio(figure, durable=True), 3),
            "async": round(report.ratio(figure, durable=False), 3),
        }
        for figure in report.figures()
    }
    plain = msgspec.to_builtins(report) | {"ratios": ratios}
    return msgspec.json.format(msgspec.json.encode(plain))


def _table(report: Report, *, durable: bool) -> Iterator[str]:
    yield f"synchronous_commit {'on' if durable else 'off'}"
    yield f"  {'':<12}{'pgbench':>10}{'ours':>10}{'ratio':>8}   each round"
    for figure in report.figures():
        transactions = report.median(figure, lambda one: one.transactions, durable=durable)
        orders = report.median(figure, lambda one: one.orders, durable=durable)
        ratio = report.ratio(figure, durable=durable)
        each = " ".join(
            f"{one.orders / one.transactions:.2f}"
            for one in report.samples
            if (one.figure, one.durable) == (figure, durable)
        )
        waits = _waits(report, figure, durable=durable)
        yield f"  {figure:<12}{transactions:>10,.0f}{orders:>10,.0f}{ratio:>8.2f}   {each}{waits}"


def _waits(report: Report, figure: str, *, durable: bool) -> str:
    """How long single orders took."""
    half = report.median(figure, lambda one: one.p50_ms, durable=durable)
    most = report.median(figure, lambda one: one.p99_ms, durable=durable)
    return f"   p50 {half:.0f} ms, p99 {most:.0f} ms" if half else ""
