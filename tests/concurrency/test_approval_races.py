"""A second person, twice at the same moment: what was asked for is booked once, or not at all."""

import uuid
from collections import Counter
from collections.abc import Callable
from functools import partial

from tests.concurrency.racing import at_once
from tests.concurrency.test_staff_races import add, attempt
from tests.world import World

from jifen.audience import approvals, asking
from jifen.audience.types import ApprovalInfo
from jifen.earning.types import Caller, Gift, MemberRef
from jifen.programmes import services as programmes
from jifen.programmes.models import Staff

LIMIT = 100


class Desk:
    """A programme with a limit, who asks, and four who may decide."""

    def __init__(self) -> None:
        self.world = world = World()
        self.member = world.member()
        asker = add(world, uuid.uuid4().hex[:12])
        self.others = [add(world, uuid.uuid4().hex[:12]) for _ in range(4)]
        with world.scope():
            programmes.limit_people(approval_above=LIMIT)
            row = Staff.objects.get(id=asker)
            self.caller = Caller(row.client_id, f"staff:{row.login}")

    def ask(self, key: str) -> ApprovalInfo:
        """Ask for more than one person may give."""
        gift = Gift(
            key=key,
            occurred_at=self.world.at,
            member=MemberRef("id", str(self.member)),
            unit="points",
            points=LIMIT + 1,
            reason="thanks",
            actor="Li",
        )
        held, _ = asking.hold_activity(gift, caller=self.caller, at=self.world.at)
        assert held is not None
        return held

    def request(self) -> uuid.UUID:
        """A request that waits."""
        with self.world.scope():
            return self.ask(uuid.uuid4().hex).id

    def confirming(self, request: uuid.UUID, by: uuid.UUID) -> Callable[[], str]:
        """One of them confirms it."""
        call = partial(approvals.confirm, request, by=by, stores=None, at=self.world.at)
        return attempt(self.world, call)

    def refusing(self, request: uuid.UUID, by: uuid.UUID) -> Callable[[], str]:
        """One of them refuses it."""
        call = partial(approvals.refuse, request, by=by, reason="no", stores=None, at=self.world.at)
        return attempt(self.world, call)


def test_confirmed_by_several_at_once_it_is_booked_once() -> None:
    for _ in range(4):
        desk = Desk()
        request = desk.request()
        codes = at_once([desk.confirming(request, who) for who in desk.others * 2])
        assert Counter(codes) == {"": 1, "approval_decided": 7}
        assert desk.world.balance(desk.member).available == LIMIT + 1


def test_confirmed_and_refused_at_once_only_one_of_them_is_so() -> None:
    for _ in range(6):
        desk = Desk()
        request = desk.request()
        confirming = [desk.confirming(request, who) for who in desk.others[:2]]
        refusing = [desk.refusing(request, who) for who in desk.others[2:]]
        codes = at_once([*confirming, *refusing])
        assert Counter(codes) == {"": 1, "approval_decided": 3}
        with desk.world.scope():
            told = approvals.one(request, stores=None, at=desk.world.at)
        booked = desk.world.balance(desk.member).available
        assert booked == (LIMIT + 1 if told.status == "confirmed" else 0)


def test_one_key_at_once_asks_once() -> None:
    for _ in range(4):
        desk = Desk()
        key = uuid.uuid4().hex
        codes = at_once([attempt(desk.world, partial(desk.ask, key)) for _ in range(8)])
        assert Counter(codes) == {"": 8}
        with desk.world.scope():
            found = approvals.requests(before=None, limit=9, stores=None, at=desk.world.at)
        assert len(found) == 1
