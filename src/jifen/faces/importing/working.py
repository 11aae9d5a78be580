"""The worker's part of an import from a browser: what a check finds, and what a run books.

One step takes one import a little further and writes down how far, only if nobody else did.
"""

from __future__ import annotations

import logging
import re
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Final, cast
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import Q

from jifen.common.errors import JifenError
from jifen.earning import services as earning
from jifen.earning.errors import WrongStore
from jifen.earning.types import Booked, Caller, Outcome, Purchase, Refund, Refused
from jifen.faces.importing import limits, uploads
from jifen.faces.importing import mapping as mappings
from jifen.faces.importing import members as member_import
from jifen.faces.importing import orders as order_import
from jifen.faces.importing.documented import plan_documented
from jifen.faces.importing.files import RawLine
from jifen.faces.importing.mapping import Chosen
from jifen.faces.importing.models import Import, ImportReject
from jifen.faces.importing.online_retail import plan_online_retail
from jifen.faces.importing.people import BadPerson, Person, read_people
from jifen.faces.importing.plan import Item, LeftOut, Plan
from jifen.faces.importing.report import BATCH
from jifen.faces.importing.types import ImportKind, RejectedLine
from jifen.faces.jobs.waking import REPORTS, wake
from jifen.insight import services as reports
from jifen.members import selectors as members
from jifen.programmes import selectors as programmes

STEP_S: Final = 15.0
"""How long one step of a run lasts at most, but for its last batch."""
CLAIM: Final = timedelta(minutes=2)
"""How long a worker has an import to itself after each batch: longer than a batch takes."""
_OPEN: Final = ("checking", "running")
_LONGEST_REASON: Final = 300
_MOST_REASONS: Final = 50
_COMING: Final = frozenset({"unknown_member", "member_busy"})
"""Refusals of a preview that a run does not meet: it enrols people first, and waits."""
log = logging.getLogger(__name__)


def go_on(*, at: datetime) -> bool:
    """Take every open import one step further; answers whether one of them has something left.

    An import that another worker is at is left to it; of one that was killed, for a minute or two.
    """
    left, began = False, time.monotonic()
    for import_id in Import.objects.filter(status__in=_OPEN).order_by("id").values_list("id"):
        # A check takes as long as its file is: the next claim is of then.
        now = at + timedelta(seconds=time.monotonic() - began)
        row = _claimed(import_id[0], now)
        if row is not None:
            left = _step(row, now) or left
    return left


def _claimed(import_id: UUID, at: datetime) -> Import | None:
    free = Q(claimed_until=None) | Q(claimed_until__lte=at)
    mine = Import.objects.filter(free, id=import_id, status__in=_OPEN)
    if not mine.update(claimed_until=at + CLAIM):
        return None
    row: Import = Import.objects.get(id=import_id)
    return row


def _step(row: Import, at: datetime) -> bool:
    """One step of an import that is ours; answers whether it has something left."""
    try:
        _Check(row, at).go() if row.status == "checking" else _run(row, at)
    except (OperationalError, InterfaceError):
        # The database was not there for a moment; the next turn goes on.
        raise
    except JifenError as error:
        _fail(row, error.code, at)
    except Exception:
        _fail(row, "internal_error", at)
        raise
    finally:
        # Ours alone: a claim that has lapsed may be another worker's by now.
        Import.objects.filter(id=row.id, claimed_until=row.claimed_until).update(claimed_until=None)
    return Import.objects.filter(id=row.id, status__in=_OPEN).exists()


def _fail(row: Import, code: str, at: datetime) -> None:
    """Stop it. Whoever starts it again goes on with the same keys."""
    log.warning("import %s stopped: %s", row.id, code)
    Import.objects.filter(id=row.id, status=row.status).update(
        status="failed", fault=code, ended_at=at
    )


class _Progress:
    """What is known of one check or run, written down batch by batch."""

    def __init__(self, row: Import, at: datetime) -> None:
        self.row = row
        self.at = at
        self.counts: Counter[str] = Counter(row.counts)
        self._began = time.monotonic()

    def begin(self, total: int) -> None:
        Import.objects.filter(id=self.row.id, status=self.row.status).update(total=total)

    def write(self, done: int, rejected: Iterable[RejectedLine]) -> bool:
        """One more batch; answers whether it is still ours to go on."""
        rows = [
            ImportReject(
                import_id=self.row.id, line=each.line, reason=each.reason[:_LONGEST_REASON]
            )
            for each in rejected
        ]
        until = self._claim()
        with transaction.atomic():
            mine = Import.objects.filter(
                id=self.row.id,
                status=self.row.status,
                done=self.row.done,
                claimed_until=self.row.claimed_until,
            ).update(done=done, counts=dict(self.counts), claimed_until=until)
            if mine:
                ImportReject.objects.bulk_create(rows, ignore_conflicts=True)
                self.row.claimed_until = until
        self.row.done = done
        return bool(mine)

    def _claim(self) -> datetime:
        return self.at + timedelta(seconds=time.monotonic() - self._began) + CLAIM

    def end(self, status: str) -> None:
        """Count what was left out; then it is over."""
        rejects = ImportReject.objects.filter(import_id=self.row.id)
        reasons = Counter(_short(each) for each in rejects.values_list("reason", flat=True))
        self.counts["rejected"] = reasons.total()
        Import.objects.filter(id=self.row.id, status=self.row.status).update(
            status=status,
            total=self.row.done,
            counts=dict(self.counts),
            reasons=dict(reasons.most_common(_MOST_REASONS)),
            ended_at=self.at,
        )


def _is_here(person: Person, caller: Caller) -> bool:
    """Whether the caller may enrol somebody at the store that the line names, if any."""
    store = person.member.store
    return not store or caller.stores is None or store in caller.stores


def _short(reason: str) -> str:
    """A reason without what is of its line alone."""
    return re.sub(r"_\d+$", "", reason.partition(":")[0])


# --- running --------------------------------------------------------------------------------------


def _run(row: Import, at: datetime) -> None:
    """Book batches until the step is over."""
    progress = _Progress(row, at)
    batches = _people_batches(progress) if row.kind == "members" else _order_batches(progress)
    until = time.monotonic() + STEP_S
    for done, rejected in batches:
        if not progress.write(done, rejected) or time.monotonic() > until:
            return
    progress.end("done")
    reports.count_again()
    wake(REPORTS)


def _people_batches(progress: _Progress) -> Iterator[tuple[int, list[RejectedLine]]]:
    row, at = progress.row, progress.at
    progress.begin(row.lines)
    people = islice(people_of(row, at), row.done, None)
    caller = _caller(row, at)
    done = row.done
    while batch := list(islice(people, BATCH)):
        report, bad = member_import.import_members(people=batch, caller=caller, at=at)
        progress.counts.update(lines=report.lines, enrolled=report.enrolled, known=report.known)
        done += len(batch)
        yield done, [RejectedLine(each.number, each.reason) for each in bad]


def _order_batches(progress: _Progress) -> Iterator[tuple[int, list[RejectedLine]]]:
    row, at = progress.row, progress.at
    plan = _plan(row, at)
    progress.begin(len(plan.items))
    if row.done == 0:
        progress.counts["lines"] = plan.lines
        yield 0, [RejectedLine(each.line, each.reason) for each in plan.left_out]
    caller = _caller(row, at)
    for start in range(row.done, len(plan.items), BATCH):
        batch = plan.items[start : start + BATCH]
        report, refused = order_import.import_orders(plan=Plan(items=batch), caller=caller, at=at)
        progress.counts.update(
            orders=report.orders,
            refunds=report.new + report.replayed - report.orders,
            new=report.new,
            known=report.replayed,
            points_earned=report.points_earned,
            points_clawed_back=report.points_clawed_back,
        )
        yield start + len(batch), [RejectedLine(each.line, each.reason) for each in refused]


def _caller(row: Import, at: datetime) -> Caller:
    """The internal client whose keys imports share, within the bounds of who started this one."""
    mine = order_import.import_caller(at=at)
    return Caller(
        mine.client_id, mine.name, tuple(row.stores) if row.stores else None, row.earliest_at
    )


# --- checking -------------------------------------------------------------------------------------


class _Check:
    """Everything that a run would find, as far as it can be known before."""

    def __init__(self, row: Import, at: datetime) -> None:
        self._row = row
        self._at = at

    def go(self) -> None:
        """From the beginning to the end: a check that was killed begins again."""
        ours = Import.objects.filter(
            id=self._row.id, status="checking", claimed_until=self._row.claimed_until
        )
        if not ours.update(done=0, counts={}):
            return
        ImportReject.objects.filter(import_id=self._row.id).delete()
        self._row.done, self._row.counts = 0, {}
        progress = _Progress(self._row, self._at)
        batches = self._members if self._row.kind == "members" else self._orders
        for done, rejected in batches(progress):
            if not progress.write(done, rejected):
                return
        progress.end("checked")

    def _members(self, progress: _Progress) -> Iterator[tuple[int, list[RejectedLine]]]:
        progress.begin(self._row.lines)
        caller = _caller(self._row, self._at)
        people, done = people_of(self._row, self._at), 0
        while batch := list(islice(people, BATCH)):
            bad = [RejectedLine(p.number, p.reason) for p in batch if isinstance(p, BadPerson)]
            good = [person for person in batch if isinstance(person, Person)]
            elsewhere = [person for person in good if not _is_here(person, caller)]
            bad += [RejectedLine(person.number, WrongStore.code) for person in elsewhere]
            good = [person for person in good if person not in elsewhere]
            if points := sum(map(limits.points_of, good)):
                progress.counts["points_brought"] += points
            known = members.find({each for p in good for each in p.member.identities})
            for person in good:
                found = {known[each] for each in person.member.identities if each in known}
                if len(found) > 1:
                    bad.append(RejectedLine(person.number, "identity_taken"))
                else:
                    progress.counts["known" if found else "enrolled"] += 1
            done += len(batch)
            progress.counts["lines"] = done
            yield done, bad

    def _orders(self, progress: _Progress) -> Iterator[tuple[int, list[RejectedLine]]]:
        plan = _plan(self._row, self._at)
        progress.begin(len(plan.items))
        progress.counts["lines"] = plan.lines
        yield 0, [RejectedLine(each.line, each.reason) for each in plan.left_out]
        caller = _caller(self._row, self._at)
        coming = {
            (item.activity.store, item.activity.reference)
            for item in plan.items
            if isinstance(item.activity, Purchase)
        }
        for start in range(0, len(plan.items), BATCH):
            batch = plan.items[start : start + BATCH]
            told = earning.preview(
                activities=[item.activity for item in batch], caller=caller, at=self._at
            )
            rejected: list[RejectedLine] = []
            for item, outcome in zip(batch, told, strict=True):
                reason = _refusal(item, outcome, coming)
                if reason:
                    rejected += [RejectedLine(line, reason) for line in item.lines]
                    continue
                is_order = isinstance(item.activity, Purchase)
                progress.counts["orders" if is_order else "refunds"] += 1
                again = isinstance(outcome, Booked) and outcome.replayed
                progress.counts["known" if again else "new"] += 1
            yield start + len(batch), rejected


def _refusal(
    item: Item, outcome: Outcome, coming: Collection[tuple[str | None, str | None]]
) -> str:
    """Why a run would refuse it; nothing where it would not, or who knows."""
    if not isinstance(outcome, Refused) or outcome.error.code in _COMING:
        return ""
    activity = item.activity
    if isinstance(activity, Refund) and outcome.error.code == "unknown_order":
        of = getattr(activity.of, "reference", None)
        if (activity.store, of) in coming:
            return ""
    return outcome.error.code


# --- the file -------------------------------------------------------------------------------------


def people_of(row: Import, at: datetime) -> Iterator[Person | BadPerson]:
    """The people of a file of members, line by line."""
    return read_people(lines=_lines(row, at), name=row.name, known=member_import.known_here(at=at))


def _plan(row: Import, at: datetime) -> Plan:
    stores = row.stores or list(programmes.stores())
    store = "online" if "online" in stores else stores[0]
    lines = _lines(row, at)
    if row.kind == "online_retail":
        return plan_online_retail(lines=lines, name=row.name, store=store)
    zone = ZoneInfo(programmes.programme().time_zone)
    plan = plan_documented(lines=lines, name=row.name, store=store, zone=zone)
    if row.stores:
        _keep_stores(plan, row.stores)
    return plan


def _keep_stores(plan: Plan, stores: Collection[str]) -> None:
    """Leave out the orders of other stores. Asked for their keys, which all imports share, the
    books would tell whoever is bound to these which of them are known."""
    ours: list[Item] = []
    for item in plan.items:
        if item.activity.store in stores:
            ours.append(item)
            continue
        plan.left_out += [
            LeftOut(line, "rejected", WrongStore.code, item.activity.reference or "")
            for line in item.lines
        ]
    plan.items = ours


def _lines(row: Import, at: datetime) -> Iterator[RawLine]:
    """The file in our own columns."""
    chosen = Chosen(row.mapping, row.fixed, _synonyms(cast("ImportKind", row.kind), at))
    return mappings.mapped(uploads.raw_lines(row), chosen, row.columns)


def _synonyms(kind: ImportKind, at: datetime) -> dict[str, dict[str, str]]:
    """Names of stores and tiers, which shops' systems write, for their codes."""
    if kind == "online_retail":
        return {}
    stores = _by_name((store.code, [store.name]) for store in programmes.stores().values())
    if kind == "orders":
        return {"store": stores}
    ladder = programmes.rule_set(programmes.version_at(at)).document.get("ladder") or {}
    tiers = _by_name((rung["code"], _names(rung)) for rung in ladder.get("rungs", ()))
    return {"store": stores, "tier": tiers}


def _names(rung: object) -> Sequence[str]:
    name = cast("dict[str, object]", rung).get("name")
    return [str(each) for each in name.values()] if isinstance(name, dict) else []


def _by_name(named: Iterable[tuple[str, Sequence[str]]]) -> dict[str, str]:
    """Code by name; a name of two is of none."""
    found: dict[str, set[str]] = {}
    for code, names in named:
        for name in names:
            found.setdefault(name, set()).add(code)
    return {name: next(iter(codes)) for name, codes in found.items() if len(codes) == 1}
