"""What a session found: medians, 95th percentiles, ratios, and the lines for machines."""

from __future__ import annotations

import statistics
from collections.abc import Iterator, Sequence
from typing import Final, Literal

import msgspec
from msgspec import Struct

from jifen.faces.bench.machine import Machine

Size = Literal["small", "large"]
_KIB: Final = 1024
_WORDS: Final = {
    "post": "an order",
    "post_batch": "100 orders",
    "find": "a member by phone",
    "balance": "balances",
    "statement": "a statement's page",
    "list": "the list opened",
    "list_page": "a page deep in it",
    "list_tag": "the list by tag",
    "list_segment": "the list by segment",
    "list_nobody": "by one of nobody",
    "list_tier": "the list by tier",
    "list_status": "the list by status",
}


class Filled(Struct, frozen=True):
    """One home: members, rows of all tables, and how long filling it took."""

    members: int
    rows: int
    bytes: int
    seconds: float


class Imported(Struct, frozen=True):
    """An import of people; ``peak_kib`` is the most memory that its process held."""

    people: int
    seconds: float
    peak_kib: int
    verified: bool


class Expired(Struct, frozen=True):
    """The expiry job beside one UPDATE of the same lots, and what others felt of the job.

    Percentiles are of single orders: of the ``orders`` booked beside it, and without it.
    """

    lots: int
    job_seconds: float
    update_seconds: float
    slices: int
    orders: int
    p99_ms: float
    p99_alone_ms: float
    verified: bool

    def ratio(self) -> float:
        """The job by the UPDATE."""
        return self.job_seconds / self.update_seconds

    def p99_ratio(self) -> float:
        """What others waited with the job by what they wait without."""
        return self.p99_ms / self.p99_alone_ms


class Report(Struct, kw_only=True):
    """Everything of a session. ``taken`` holds microseconds by act, size and round."""

    machine: Machine
    postings: int
    filled: dict[Size, Filled] = {}
    taken: dict[str, dict[Size, list[list[int]]]] = {}
    verified: dict[Size, bool] = {}
    imported: Imported | None = None
    expired: Expired | None = None
    notes: list[str] = []

    def median_ms(self, act: str, size: Size) -> float:
        """The median of all samples."""
        return statistics.median(self._all(act, size)) / 1_000

    def p95_ms(self, act: str, size: Size) -> float:
        """The 95th percentile of all samples."""
        return percentile_ms(self._all(act, size), 95)

    def ratio(self, act: str) -> float:
        """The median of :meth:`ratios`."""
        return statistics.median(self.ratios(act))

    def ratios(self, act: str) -> list[float]:
        """Large by small, the medians of each round: each met its own minutes."""
        pairs = zip(self.taken[act]["large"], self.taken[act]["small"], strict=True)
        return [statistics.median(large) / statistics.median(small) for large, small in pairs]

    def holds(self) -> bool:
        """Whether everything that was verified holds."""
        verdicts = [*self.verified.values()]
        verdicts += [one.verified for one in (self.imported, self.expired) if one is not None]
        return all(verdicts)

    def _all(self, act: str, size: Size) -> list[int]:
        return [sample for taken in self.taken[act][size] for sample in taken]


def percentile_ms(taken: Sequence[int], percent: int) -> float:
    """A percentile of microseconds, in milliseconds."""
    ordered = sorted(taken)
    return ordered[min(len(ordered) - 1, len(ordered) * percent // 100)] / 1_000


def lines(report: Report) -> Iterator[str]:
    """The tables, and last a line a figure for machines."""
    yield report.machine.line()
    for size, filled in report.filled.items():
        yield (
            f"{size}: {filled.members:,} members, {filled.members * report.postings:,} postings,"
            f" {filled.rows:,} rows, {filled.bytes / 1e9:,.2f} GB, filled in"
            f" {filled.seconds:,.0f} s"
        )
    if report.taken:
        yield ""
        yield from _table(report)
    for size, ok in report.verified.items():
        yield f"verify, {size}: {_word(ok=ok)}"
    yield from _others(report)
    yield from report.notes
    yield ""
    yield from machine_lines(report)


def machine_lines(report: Report) -> Iterator[str]:
    """``scale post ratio 1.05`` and the like."""
    for act in report.taken:
        yield f"scale {act} ratio {report.ratio(act):.2f}"
    if report.imported is not None:
        yield f"scale import rate {report.imported.people / report.imported.seconds:.0f}"
        yield f"scale import peak_mib {report.imported.peak_kib / _KIB:.0f}"
    if report.expired is not None:
        yield f"scale expiry ratio {report.expired.ratio():.2f}"
        yield f"scale expiry p99_ratio {report.expired.p99_ratio():.2f}"


def as_json(report: Report) -> bytes:
    """Everything, for a file."""
    ratios = {act: round(report.ratio(act), 3) for act in report.taken}
    plain = msgspec.to_builtins(report) | {"ratios": ratios}
    return msgspec.json.format(msgspec.json.encode(plain))


def _table(report: Report) -> Iterator[str]:
    heads = "".join(f"{size:>10}{'p95':>9}" for size in ("small", "large"))
    yield f"{'milliseconds':<20}{heads}{'ratio':>8}   each round"
    for act, by_size in report.taken.items():
        figures = "".join(
            f"{report.median_ms(act, size):>10.2f}{report.p95_ms(act, size):>9.2f}"
            for size in by_size
        )
        each = " ".join(f"{ratio:.2f}" for ratio in report.ratios(act))
        yield f"{_WORDS[act]:<20}{figures}{report.ratio(act):>8.2f}   {each}"


def _others(report: Report) -> Iterator[str]:
    if report.imported is not None:
        found = report.imported
        yield (
            f"import members: {found.people:,} in {found.seconds:,.1f} s,"
            f" {found.people / found.seconds:,.0f} a second, peak memory"
            f" {found.peak_kib / _KIB:,.0f} MiB, verify: {_word(ok=found.verified)}"
        )
    if report.expired is not None:
        job = report.expired
        yield (
            f"expiry of {job.lots:,} lots: {job.job_seconds:,.1f} s in {job.slices:,} slices,"
            f" one UPDATE of them {job.update_seconds:,.1f} s; {job.orders:,} orders beside it p99"
            f" {job.p99_ms:,.1f} ms, without it {job.p99_alone_ms:,.1f} ms,"
            f" verify: {_word(ok=job.verified)}"
        )


def _word(*, ok: bool) -> str:
    return "ok" if ok else "WRONG"
