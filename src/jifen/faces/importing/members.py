"""Enrols the people of a members file with what they bring, so that a shop moves in on day one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from jifen.earning import services as earning
from jifen.earning.types import Caller, Refused
from jifen.faces.importing.people import BadPerson, Known, Person
from jifen.faces.importing.report import BATCH, MembersReport
from jifen.programmes import selectors as programmes


def known_here(*, at: datetime) -> Known:
    """What the active programme has. Raises ``NoRuleSet`` before the first publication."""
    units = programmes.units().values()
    document = programmes.rule_set(programmes.version_at(at)).document
    ladder = document.get("ladder") or {}
    return Known(
        zone=ZoneInfo(programmes.programme().time_zone),
        at=at,
        stores=frozenset(programmes.stores()),
        points=tuple(unit.code for unit in units if unit.kind == "points"),
        growth=tuple(unit.code for unit in units if unit.kind == "growth"),
        tiers=frozenset(rung["code"] for rung in ladder.get("rungs", ())),
    )


def import_members(
    *,
    people: Iterable[Person | BadPerson],
    caller: Caller,
    at: datetime,
    advance: Callable[[int], None] = lambda _: None,
) -> tuple[MembersReport, list[BadPerson]]:
    """Enrol good lines in batches; answers the report and the rejected lines.

    A line of a person who is a member already gives that member its new identities and, once,
    its opening. The same file again changes nothing.
    """
    bad: list[BadPerson] = []
    enrolled = known = told = 0
    for batch in _batches(people, bad):
        rejected = len(bad)
        answers = earning.enrol(members=[person.member for person in batch], caller=caller, at=at)
        for person, answer in zip(batch, answers, strict=True):
            reason = _refusal(answer)
            if reason is not None:
                bad.append(BadPerson(person.number, reason))
            elif isinstance(answer, earning.Enrolled) and answer.is_new and not answer.replayed:
                enrolled += 1
            else:
                known += 1
        advance(len(batch) + rejected - told)
        told = len(bad)
    lines = enrolled + known + len(bad)
    report = MembersReport(lines=lines, enrolled=enrolled, known=known, rejected=len(bad))
    return report, sorted(bad, key=lambda person: person.number)


def _batches(
    people: Iterable[Person | BadPerson], bad: list[BadPerson]
) -> Iterator[Sequence[Person]]:
    """Good lines by the thousand; bad ones go to their list."""
    batch: list[Person] = []
    for person in people:
        if isinstance(person, BadPerson):
            bad.append(person)
            continue
        batch.append(person)
        if len(batch) == BATCH:
            yield batch
            batch = []
    if batch:
        yield batch


def _refusal(answer: earning.Enrolled | Refused) -> str | None:
    """Why the line is rejected: the enrolment or something that it brings was refused."""
    if isinstance(answer, Refused):
        return answer.error.code
    for outcome in answer.activities:
        if isinstance(outcome, Refused):
            return outcome.error.code
    return None
