"""Loading: find whom a batch is about, lock them in one order, read their states.

One query per table, whatever the number of activities. What may change is read after the locks.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from msgspec import Struct

from jifen.common.errors import JifenError
from jifen.earning.context import Context
from jifen.earning.errors import NotReversible, UnknownActivity
from jifen.earning.models import BudgetUsage
from jifen.earning.reach import Owner, bounds_in_reach
from jifen.earning.record import Target
from jifen.earning.sql import queries
from jifen.earning.sql.queries import KnownActivity
from jifen.earning.state import Collision, Item, MemberState, State
from jifen.earning.types import (
    Adjustment,
    Behaviour,
    Birthday,
    Claim,
    Enrolment,
    MemberRef,
    Opening,
    OrderRef,
    Purchase,
    Refund,
    Reversal,
    kind_of,
)
from jifen.ledger import services as ledger
from jifen.ledger.types import AccountState
from jifen.members import selectors as members
from jifen.members import services as member_services
from jifen.members.types import IdentityValue, UnknownMember
from jifen.tiers import services as tiers

Place = tuple[UUID, str]


class Found(Struct, frozen=True):
    """What was found for the items: booked keys, and each item's member (or why none)."""

    keys: dict[tuple[UUID, str], KnownActivity]
    owners: dict[int, Owner]


def load(state: State, items: Sequence[Item], *, lock: bool) -> Found:
    """Fill ``state`` with everything the decisions may read."""
    owners = _resolve(items)
    places = _order_places(state.context, items)
    targets = _targets(places)
    _follow_reversals(state, items, owners)
    wanted = {owner for owner in owners.values() if isinstance(owner, UUID)}
    wanted |= {t.family.member_id for t in targets.values() if t.family.member_id}
    born = member_services.lock(wanted) if lock else members.birthdays(wanted)
    if lock and places:
        targets = _targets(places)
        if any(t.family.member_id not in born for t in targets.values() if t.family.member_id):
            raise Collision  # claimed or booked since, for a member who is not locked
    stranger = UnknownMember("no member of this programme has this identity")
    for position, owner in owners.items():
        if isinstance(owner, UUID) and owner not in born:
            owners[position] = stranger
    state.targets.update(
        {
            place: target
            for place, target in targets.items()
            if target.family.member_id is None or target.family.member_id in born
        }
    )
    # Keys last: a booking that shows in a reference shows in its key too, as a repeat.
    state.references.update(_references(items))
    state.once.update(_once(state.context, items, owners))
    keys = queries.known_keys([(item.caller.client_id, item.activity.key) for item in items])
    fresh = [
        item
        for item in items
        if item.refusal is None and (item.caller.client_id, item.activity.key) not in keys
    ]
    claimed = _claimed(state, fresh)
    _load_members(state, fresh, owners, born, places, claimed, lock=lock)
    return Found(keys, owners)


def _resolve(items: Sequence[Item]) -> dict[int, Owner]:
    """Whose each item is, as far as identities tell. Refunds follow their purchase."""
    refs: dict[int, MemberRef] = {}
    owners: dict[int, Owner] = {}
    for item in items:
        activity = item.activity
        ref = None if isinstance(activity, Refund | Reversal) else activity.member
        owners[item.position] = None
        if ref is not None:
            refs[item.position] = ref
    wanted: dict[int, IdentityValue] = {}
    for position, ref in refs.items():
        try:
            if ref.kind == "id":
                owners[position] = UUID(ref.value)
            else:
                wanted[position] = members.normalise(IdentityValue(ref.kind, ref.value))
        except ValueError:
            owners[position] = UnknownMember("a member's id is a UUID")
        except JifenError as error:
            owners[position] = error
    known = members.find(set(wanted.values()))
    for position, identity in wanted.items():
        owners[position] = known.get(identity) or UnknownMember(
            "no member of this programme has this identity", kind=identity.kind
        )
    return owners


def _follow_reversals(state: State, items: Iterable[Item], owners: dict[int, Owner]) -> None:
    """A reversal is its activity's member's. That it is the first one, the unique key of its
    place after that activity sees to."""
    of = {item.position: item.activity.of for item in items if isinstance(item.activity, Reversal)}
    if not of:
        return
    state.undone.update(queries.load_undone(set(of.values())))
    for position, activity_id in of.items():
        undone = state.undone.get(activity_id)
        if undone is None:
            owners[position] = UnknownActivity("no such activity", id=str(activity_id))
        else:
            owners[position] = undone.member_id or NotReversible(
                f"a {undone.kind} without a member is not reversed", kind=undone.kind
            )


def _order_places(context: Context, items: Iterable[Item]) -> set[Place]:
    """(store, reference) of the purchases that are refunded or claimed."""
    named = (
        _place(context, item, item.activity.of)
        for item in items
        if isinstance(item.activity, Refund | Claim)
    )
    return {place for place in named if place is not None}


def _place(context: Context, item: Item, of: OrderRef) -> Place | None:
    """(store, reference), or None where the store is unknown: the decision then raises that for
    this item alone."""
    try:
        return (context.store(of.store) if of.store else item.store).id, of.reference
    except JifenError:
        return None


def _claimed(state: State, items: Sequence[Item]) -> dict[int, list[datetime]]:
    """For each claim, the local times of the purchases it may be about: the one that is booked,
    or those of this batch."""
    claims = {
        item.position: _place(state.context, item, item.activity.of)
        for item in items
        if isinstance(item.activity, Claim)
    }
    if not claims:
        return {}
    arriving: dict[Place | None, list[datetime]] = {}
    for item in items:
        if isinstance(item.activity, Purchase):
            place = (item.store.id, item.activity.reference)
            arriving.setdefault(place, []).append(item.local)
    zone = state.context.settings.zone
    for (store_id, reference), target in state.targets.items():
        booked_at = target.purchase.occurred_at.astimezone(zone)
        arriving[store_id, reference] = [booked_at.replace(tzinfo=None)]
    return {position: arriving.get(place, []) for position, place in claims.items()}


def _targets(places: set[Place]) -> dict[Place, Target]:
    if not places:
        return {}
    return {
        (target.store_id, target.purchase.reference): target
        for target in queries.load_targets(places)
    }


def _references(items: Iterable[Item]) -> dict[tuple[UUID, str, str], tuple[UUID, str]]:
    triples = set()
    for item in items:
        activity = item.activity
        if isinstance(activity, Purchase):
            triples.add((item.store.id, "purchase", activity.reference))
        elif isinstance(activity, Refund) and activity.reference is not None:
            triples.add((item.store.id, "refund", activity.reference))
        elif isinstance(activity, Behaviour) and activity.reference is not None:
            triples.add((item.store.id, "behaviour", activity.reference))
    return queries.known_references(triples) if triples else {}


def _once(context: Context, items: Iterable[Item], owners: dict[int, Owner]) -> set[str]:
    keys = set()
    for item in items:
        activity, owner = item.activity, owners[item.position]
        if isinstance(activity, Behaviour | Birthday | Enrolment | Opening):
            name = activity.name if isinstance(activity, Behaviour) else ""
            kind = kind_of(activity)
            once = context.policy.once_key(kind, name, item.local)
            if once:
                keys.add(f"{once}:{owner}")
    return queries.known_once(keys) if keys else set()


def _load_members(
    state: State,
    items: Sequence[Item],
    owners: dict[int, Owner],
    born: dict[UUID, date | None],
    places: set[Place],
    claimed: Mapping[int, list[datetime]],
    *,
    lock: bool,
) -> None:
    wanted = {owner for item in items if isinstance(owner := owners[item.position], UUID)}
    refunding = {t.family.member_id for t in state.targets.values() if t.family.member_id}
    wanted |= refunding
    if not wanted:
        return
    debited = refunding | _debited(items, owners, places)
    context = state.context
    ladder = context.policy.ladder
    with_periods = (ladder is not None and ladder.by == "spend_period") or any(
        target.family.period for target in state.targets.values()
    )
    standings = tiers.load(wanted, with_periods=with_periods)
    reached = {at for member_id in debited for at in standings[member_id].reached.values()}
    if reached:
        state.reached.update(queries.load_records(reached))
    accounts: dict[UUID, dict[str, AccountState]] = {member_id: {} for member_id in wanted}
    for account in ledger.load(members=wanted, debited=debited, at=state.at):
        accounts[account.member_id][context.unit_code(account.unit_id)] = account
    reach = list(bounds_in_reach(state, items, owners, debited, claimed))
    _load_budgets(state, {b.code for _, b in reach if b.scope == "programme"}, lock=lock)
    triples = {(whose, b.code, b.period) for whose, b in reach if b.scope == "member"}
    used = queries.load_usage(triples) if triples else {}
    # A cap that is not asked for here is missing, not unused: reading it then fails loudly.
    usage: dict[UUID, dict[tuple[str, str], int]] = {member_id: {} for member_id in wanted}
    for member_id, cap, period in triples:
        if member_id in usage:
            usage[member_id][cap, period] = used.get(member_id, {}).get((cap, period), 0)
    for member_id in wanted:
        state.members[member_id] = MemberState(
            member_id,
            born[member_id],
            standings[member_id],
            accounts[member_id],
            usage[member_id],
        )


def _debited(items: Iterable[Item], owners: dict[int, Owner], places: set[Place]) -> set[UUID]:
    """Members from whose lots something may be taken; also by refunds later in this batch."""
    debited = set()
    for item in items:
        activity, owner = item.activity, owners[item.position]
        if isinstance(owner, UUID):
            match activity:
                case Purchase():
                    refunded = (item.store.id, activity.reference) in places
                    takes = bool(activity.points_paid) or refunded
                case Claim() | Reversal():
                    takes = True
                case Adjustment():
                    takes = activity.points < 0
                case _:
                    takes = False
            if takes:
                debited.add(owner)
    return debited


def _load_budgets(state: State, codes: Collection[str], *, lock: bool) -> None:
    if not codes:
        return
    if lock:
        state.budgets.update(queries.lock_budgets(codes))
    else:
        rows = BudgetUsage.objects.filter(budget__in=sorted(codes))
        state.budgets.update(rows.values_list("budget", "used"))
