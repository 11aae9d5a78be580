"""Guarantee 16: the starter preset works with no further choice."""

import uuid
from datetime import UTC, datetime

from jifen.common.scope import scope
from jifen.earning import services as earning
from jifen.earning.services import Enrolled, NewMember
from jifen.earning.types import (
    Activity,
    Behaviour,
    Booked,
    Caller,
    Line,
    MemberRef,
    Outcome,
    Purchase,
    Refused,
)
from jifen.faces.presets import apply_preset
from jifen.members.types import IdentityValue
from jifen.programmes import services as programmes
from jifen.tiers import selectors as tiers

AT = datetime(2026, 6, 1, 4, tzinfo=UTC)


def test_a_shop_starts_with_no_further_choice() -> None:
    made = apply_preset(name="starter", code=f"starter-{uuid.uuid4().hex}", at=AT)
    assert made.is_new
    with scope(made.programme.id):
        client = programmes.internal_client(name="till", at=AT)
        caller = Caller(client.client_id, client.name)
        phone = IdentityValue("phone", "13812345678")
        [joined] = earning.enrol(members=[NewMember("k", (phone,))], caller=caller, at=AT)
        assert isinstance(joined, Enrolled)
        who = MemberRef("phone", "13812345678")

        def book(*activities: Activity) -> list[Outcome]:
            return earning.book(activities=activities, caller=caller, at=AT)

        def order(fen: int, points_paid: int = 0) -> Purchase:
            key = uuid.uuid4().hex
            line = Line("tea", 1, fen)
            return Purchase(key=key, occurred_at=AT, reference=key, lines=(line,), member=who,
                            points_paid=points_paid)  # fmt: skip

        def check_in() -> Behaviour:
            return Behaviour(key=uuid.uuid4().hex, occurred_at=AT, name="check_in", member=who)

        [first, visit, again] = book(order(12_890), check_in(), check_in())
        assert isinstance(first, Booked)
        assert isinstance(visit, Booked)
        assert isinstance(again, Refused)
        assert (first.points, visit.points, again.error.code) == (
            {"points": 128},
            {"points": 10},
            "already_done",
        )
        quote = earning.quote_offset(member=who, lines=(Line("tea", 1, 5_000),), at=AT)
        assert (quote.points, quote.worth_minor) == (138, 138)
        [paid] = book(order(5_000, points_paid=100))
        assert isinstance(paid, Booked)
        assert paid.points == {"points": 49 - 100}
        reached = []
        for fen in (1, 20_309, 200_000, 300_000):
            book(order(fen))
            reached.append(tiers.standing(joined.member_id).tier)
        assert reached == ["standard", "senior", "vip", "supreme"]
