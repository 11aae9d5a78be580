"""One batch in one transaction: lock, load, decide, write.

``run`` reads like that recipe. It is called with the programme's scope and a transaction open.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from jifen.common.errors import JifenError
from jifen.earning.context import Context
from jifen.earning.errors import KeyConflict
from jifen.earning.kinds import KINDS
from jifen.earning.loading import load
from jifen.earning.sql.queries import KnownActivity
from jifen.earning.state import Collision, Decision, Item, State
from jifen.earning.survivors import refuse_closed
from jifen.earning.types import Booked, Outcome, Refused
from jifen.earning.writing import write


def run(context: Context, items: Sequence[Item], *, at: datetime, dry: bool) -> dict[int, Outcome]:
    """Decide ``items`` in order and write them; outcomes by position.

    ``dry`` decides without locks and writes nothing: a preview. Raises :class:`Collision` when
    a unique key saw a booking that this batch did not.
    """
    state = State(context, at)
    found = load(state, items, lock=not dry)
    before = dict(state.members)
    outcomes: dict[int, Outcome] = {}
    decisions: list[Decision] = []
    known = dict(found.keys)
    for item in found.items:
        place = (item.caller.client_id, item.activity.key)
        if place in known:
            outcomes[item.position] = _again(item, known[place])
            continue
        try:
            if item.refusal is not None:
                raise item.refusal
            owner = found.owners[item.position]
            if isinstance(owner, JifenError):
                raise owner
            if state.closed:
                refuse_closed(state, item, owner)
            decision = KINDS[type(item.activity)].decide(state, item, owner)
        except JifenError as error:
            outcomes[item.position] = Refused(item.activity.key, error)
            continue
        state.apply(decision)
        decisions.append(decision)
        outcomes[item.position], known[place] = _booked(decision)
    if decisions and not dry and not write(state, decisions, before=before):
        raise Collision
    return outcomes


def answer(row_id: UUID, row: KnownActivity, key: str, *, replayed: bool) -> Booked:
    """What a booked activity answers, now or when its key comes again."""
    record = row.record
    return Booked(
        row_id,
        key,
        row.kind,
        row.member_id,
        record.points,
        record.award,
        record.tier,
        record.balances,
        replayed,
        record.coupons,
        record.price,
    )


def _again(item: Item, known: KnownActivity) -> Outcome:
    """A key that is booked: the first answer again, or a conflict when the body differs."""
    key = item.activity.key
    if known.digest != item.digest:
        return Refused(
            key, KeyConflict("this key was booked with another body", first_id=str(known.id))
        )
    return answer(known.id, known, key, replayed=True)


def _booked(decision: Decision) -> tuple[Booked, KnownActivity]:
    row = decision.rows[0]
    known = KnownActivity(row.id, row.kind, row.digest, row.member_id, row.record)
    return answer(row.id, known, row.key, replayed=False), known
