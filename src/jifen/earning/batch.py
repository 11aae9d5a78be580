"""One batch in one transaction: lock, load, decide, write.

``run`` reads like that recipe. It is called with the programme's scope and a transaction open.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from jifen.common.errors import JifenError
from jifen.earning.context import Context
from jifen.earning.decisions.adjustment import decide_adjustment, decide_opening
from jifen.earning.decisions.behaviour import decide_behaviour
from jifen.earning.decisions.claim import decide_claim
from jifen.earning.decisions.purchase import decide_purchase
from jifen.earning.decisions.refund import decide_refund
from jifen.earning.decisions.reversal import decide_reversal
from jifen.earning.errors import KeyConflict, OrderNotFound
from jifen.earning.loading import load
from jifen.earning.record import Target
from jifen.earning.sql.queries import KnownActivity
from jifen.earning.state import Collision, Decision, Item, State
from jifen.earning.types import (
    Adjustment,
    Behaviour,
    Birthday,
    Booked,
    Claim,
    Enrolment,
    Opening,
    OrderRef,
    Outcome,
    Purchase,
    Refund,
    Refused,
    Reversal,
    kind_of,
)
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
    for item in items:
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
            decision = _decide(state, item, owner)
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


def _decide(state: State, item: Item, owner: UUID | None) -> Decision:
    """Decide one activity for its (loaded) owner."""
    activity = item.activity
    if isinstance(activity, Refund):
        target = _target(state, item, activity.of)
        holder = target.family.member_id
        return decide_refund(
            state, item, activity, target, state.members[holder] if holder else None
        )
    if isinstance(activity, Purchase):
        return decide_purchase(state, item, activity, state.members[owner] if owner else None)
    if owner is None:
        raise RuntimeError(f"a {kind_of(activity)} has a member")
    member = state.members[owner]
    match activity:
        case Reversal():
            return decide_reversal(state, item, activity, state.undone[activity.of], member)
        case Claim():
            return decide_claim(state, item, _target(state, item, activity.of), member)
        case Behaviour() | Birthday() | Enrolment():
            return decide_behaviour(state, item, activity, member)
        case Adjustment():
            return decide_adjustment(state, item, activity, member)
        case Opening():
            return decide_opening(state, item, activity, member)


def _target(state: State, item: Item, of: OrderRef) -> Target:
    store = state.context.store(of.store) if of.store else item.store
    target = state.targets.get((store.id, of.reference))
    if target is None:
        raise OrderNotFound(
            f"store {store.code} has no purchase with this reference",
            reference=of.reference,
            store=store.code,
        )
    return target
