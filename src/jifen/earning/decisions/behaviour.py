"""Everything that is not money: named behaviours, birthdays, enrolment."""

from __future__ import annotations

from datetime import datetime

from jifen.earning.decisions.purchase import refuse_known_reference
from jifen.earning.decisions.rewarding import reward
from jifen.earning.decisions.sheet import Sheet, is_birthday
from jifen.earning.decisions.tiers import raise_tier
from jifen.earning.errors import AlreadyDone, NoBirthday, NotTheBirthday, UnknownBehaviour
from jifen.earning.record import Record
from jifen.earning.state import Decision, Item, MemberState, State
from jifen.earning.types import Basket, Behaviour, Birthday, Enrolment, kind_of


def decide_behaviour(
    state: State, item: Item, activity: Behaviour | Birthday | Enrolment, member: MemberState
) -> Decision:
    """Book a behaviour, once where it counts once."""
    policy = state.context.policy
    kind = kind_of(activity)
    facts_kind, name, reference = kind, "", None
    if isinstance(activity, Behaviour):
        if activity.name not in policy.behaviours:
            raise UnknownBehaviour(
                f"nobody knows the behaviour {activity.name!r}", behaviour=activity.name
            )
        facts_kind, name, reference = (
            f"behaviour:{activity.name}",
            activity.name,
            activity.reference,
        )
        if reference is not None:
            refuse_known_reference(state, item, "behaviour", reference)
    once = policy.once_key(kind, name, item.local)
    once_key = f"{once}:{member.id}" if once else None
    if once_key in state.once:
        raise AlreadyDone(f"{name or kind} counts once, and it did", once=once)
    if kind == "birthday":
        _refuse_other_days(member, item.local)
    sheet = Sheet(state, item, member)
    facts, award, usage, own = reward(sheet, policy, facts_kind, Basket())
    if own:
        sheet.transaction(kind)
    tier = raise_tier(sheet)
    record = Record(
        award=award,
        facts=facts,
        points=sheet.points(sheet.id),
        balances=sheet.balances(),
        tier=tier,
        usage=usage,
        own=own,
    )
    sheet.row(
        record,
        kind=kind,
        version=state.context.version,
        reference=reference,
        once_key=once_key,
    )
    return sheet.decision()


def _refuse_other_days(member: MemberState, local: datetime) -> None:
    """Raise unless that local day is the member's birthday. The error does not tell which day
    would be: who may book need not know when somebody was born."""
    if member.birthday_on is None:
        raise NoBirthday("nobody knows when this member was born")
    if not is_birthday(member, local):
        raise NotTheBirthday(
            "the day of occurrence is not the member's birthday", day=local.date().isoformat()
        )
