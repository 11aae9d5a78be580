"""Writing: what a batch decided, in a few set-based statements.

Activities go first: their unique keys are what makes everything idempotent. When the database
knows one of them already, the caller rolls all of it back.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from jifen.common.sql import RowsMissing, pipelined
from jifen.earning.sql import queries
from jifen.earning.state import Decision, MemberState, State
from jifen.ledger import services as ledger
from jifen.ledger.types import AccountState
from jifen.members import services as members
from jifen.tiers import services as tiers
from jifen.wallet import services as wallet


def write(
    state: State, decisions: Sequence[Decision], *, before: Mapping[UUID, MemberState]
) -> bool:
    """Write the batch. False when a key, a reference, a once-key or a coupon was taken
    meanwhile."""
    rows = [row for decision in decisions for row in decision.rows]
    try:
        with pipelined():
            queries.insert_activities(rows, booked_at=state.at)
            _write_states(state, decisions, before)
    except RowsMissing as error:
        if error.name in {queries.INSERT_ACTIVITIES, wallet.COUPON_TAKEN}:
            return False
        raise
    for decision in decisions:
        for deed in decision.deeds:
            members.apply(deed, at=state.at)
    return True


def _write_states(
    state: State, decisions: Sequence[Decision], before: Mapping[UUID, MemberState]
) -> None:
    changed = {
        member_id: member
        for member_id, member in state.members.items()
        if before[member_id] is not member
    }
    _write_ledger(state, decisions, before, changed)
    tiers.write(
        before={member_id: before[member_id].standing for member_id in changed},
        after={member_id: member.standing for member_id, member in changed.items()},
    )
    _write_usage(before, changed)
    if state.coupons:
        wallet.write(before=state.coupons_before, after=list(state.coupons.values()))
    budgets = {code: state.budgets[code] for decision in decisions for code in decision.budgets}
    if budgets:
        queries.write_budgets(budgets)


def _write_ledger(
    state: State,
    decisions: Sequence[Decision],
    before: Mapping[UUID, MemberState],
    changed: Mapping[UUID, MemberState],
) -> None:
    loaded: dict[UUID, AccountState] = {
        account.id: account
        for member_id in changed
        for account in before[member_id].accounts.values()
    }
    after = [account for member in changed.values() for account in member.accounts.values()]
    changes = ledger.Changes(
        transactions=[row for decision in decisions for row in decision.transactions],
        movements=[row for decision in decisions for row in decision.movements],
        before=loaded,
        after=after,
    )
    ledger.write(changes, booked_at=state.at)


def _write_usage(before: Mapping[UUID, MemberState], changed: Mapping[UUID, MemberState]) -> None:
    usage = [
        (member_id, cap, period, used)
        for member_id, member in changed.items()
        for (cap, period), used in member.used.items()
        if before[member_id].used.get((cap, period)) != used
    ]
    if usage:
        queries.upsert_usage(usage)
