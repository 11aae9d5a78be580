"""The door to the audience room's statements. A question is asked as one statement."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from jifen.audience.sql.questions import Question
from jifen.common.sql import composed, statement

_HERE: Final = Path(__file__).parent


def keep_segments() -> list[str]:
    """The codes of all segments, which stay until the transaction ends."""
    return [code for (code,) in statement(_HERE, "keep_segments").rows()]


def members(question: Question, *, after: UUID | None, limit: int) -> list[UUID]:
    """The members of whom it holds, in the order they were made, after a given one."""
    text = (
        f"{question.before}SELECT member.id\n{question.text}"
        "    AND (%(after)s::uuid IS NULL OR member.id > %(after)s::uuid)\n"
        "ORDER BY member.id\nLIMIT %(limit)s"
    )
    rows = composed("segment_members", text).rows(after=after, limit=limit, **question.params)
    return [member_id for (member_id,) in rows]


def next_members(
    name: str, *, values: list[Any], after: UUID, look: int, at: datetime
) -> list[UUID]:
    """The next members after a given one by the index of a statement ``next_…``, at most ``look``;
    what it does not need of ``values`` and ``at``, it does not ask for."""
    rows = statement(_HERE, name).rows(values=values, after=after, look=look, at=at)
    return [member_id for (member_id,) in rows]


def among(question: Question) -> list[UUID]:
    """Those of the members it is asked about of whom it holds."""
    text = f"{question.before}SELECT member.id\n{question.text}"
    rows = composed("segment_among", text).rows(**question.params)
    return [member_id for (member_id,) in rows]


def count(question: Question) -> int:
    """Of how many members it holds."""
    text = f"{question.before}SELECT count(*) AS members\n{question.text}"
    [(found,)] = composed("segment_count", text).rows(**question.params)
    return int(found)


def choose_gift_run_members(run_id: UUID, question: Question) -> None:
    """Put the members of whom the question holds into a gift run, as one statement; nobody who was
    enrolled after the run was started, since ids grow with time."""
    text = (
        f"{question.before}"
        "INSERT INTO gift_run_member (programme_id, run_id, member_id, outcome)\n"
        "SELECT %(programme_id)s::uuid, %(run_id)s::uuid, member.id, ''\n"
        f"{question.text}    AND member.id < %(run_id)s::uuid\n"
        "ON CONFLICT (programme_id, run_id, member_id) DO NOTHING"
    )
    composed("gift_run_choice", text).run(run_id=run_id, **question.params)


def insert_gift_run_members(run_id: UUID, members: Collection[UUID]) -> None:
    """Put members into a gift run."""
    statement(_HERE, "insert_gift_run_members").run(run_id=run_id, members=list(members))


def mark_gift_run_members(run_id: UUID, outcomes: Mapping[UUID, str]) -> list[str]:
    """Write down what became of the gift for some members of a run; answers that of those of whom
    it was not known."""
    rows = statement(_HERE, "mark_gift_run_members").rows(
        run_id=run_id, members=list(outcomes), outcomes=list(outcomes.values())
    )
    return [outcome for (outcome,) in rows]


def mark_booked_gifts(run_id: UUID, client_id: UUID, keys: Mapping[UUID, str]) -> list[str]:
    """Write down as given what is in the books already, by member and key of the gift; answers
    that of those of whom it was not known."""
    rows = statement(_HERE, "mark_booked_gifts").rows(
        run_id=run_id, client_id=client_id, members=list(keys), keys=list(keys.values())
    )
    return [outcome for (outcome,) in rows]


def count_gift_run_members(runs: Collection[UUID]) -> dict[UUID, dict[str, int]]:
    """How many members of some runs have which outcome; an empty one is still to come."""
    found: dict[UUID, dict[str, int]] = {run_id: {} for run_id in runs}
    for run_id, outcome, members in statement(_HERE, "count_gift_run_members").rows(
        runs=list(runs)
    ):
        found[run_id][outcome] = members
    return found
