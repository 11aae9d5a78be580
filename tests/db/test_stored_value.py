"""Stored value: top-ups with what they give, payments, and everything back where it came from."""

from datetime import timedelta
from typing import Any

import pytest
from tests.people import erasure, freeze, leave
from tests.wallets import STORED, TOP_UP, Purse, owning, refused_with
from tests.world import OFFSET, RATE, rule_set

from jifen.ledger.models import Posting


def test_a_top_up_gives_bonus_for_each_full_hundred() -> None:
    purse = Purse()
    member = purse.member(phone="13800001111")
    booked = purse.booked(purse.top_up(member, 25_000))
    assert booked.points == {"principal": 25_000, "bonus": 2_000}
    assert purse.stored(member) == (25_000, 2_000)
    with purse.scope():
        kinds = Posting.objects.filter(transaction_id=booked.id).order_by("id")
        assert [(row.kind, row.contra) for row in kinds] == [
            ("top_up", "cash"),
            ("earn", "issuance"),
        ]
    purse.verify()


def test_a_top_up_is_no_order_and_an_order_no_top_up() -> None:
    purse = Purse()
    member = purse.member()
    purse.saved(member, 10_000)
    assert purse.available(member) == 0
    assert purse.tier(member) == ""
    purse.order(member, 10_000)
    assert purse.stored(member) == (10_000, 1_000)


@pytest.mark.parametrize(
    ("phone", "name", "most"),
    [("13800002222", "", 500_000), (None, "王", 500_000), (None, "", 100_000)],
    ids=["phone", "name", "bearer"],
)
def test_what_one_member_may_hold(phone: str | None, name: str, most: int) -> None:
    purse = Purse()
    member = purse.member(phone=phone, name=name)
    purse.booked(purse.top_up(member, most - 1))
    assert refused_with(purse, purse.top_up(member, 2)) == (
        "above_card_limit",
        {"limit_minor": most, "held_minor": most - 1, "room_minor": 1},
    )
    purse.booked(purse.top_up(member, 1))
    purse.order(member, 5_000, stored_minor=5_000)
    purse.booked(purse.top_up(member, 4_000))


def test_two_top_ups_of_one_batch_share_the_limit() -> None:
    purse = Purse()
    member = purse.member()
    first, second = purse.book(purse.top_up(member, 60_000), purse.top_up(member, 60_000))
    assert type(first).__name__ == "Booked"
    assert type(second).__name__ == "Refused"
    assert purse.stored(member)[0] == 60_000


def test_paying_takes_the_share_of_bonus_and_the_rest_of_principal() -> None:
    purse = Purse()
    member = purse.member()
    purse.saved(member, 20_000)
    booked = purse.booked(purse.purchase(member, 8_000, stored_minor=5_500))
    assert booked.points == {"points": 75, "principal": -5_000, "bonus": -500}
    assert booked.price is not None
    assert (booked.price.bonus_minor, booked.price.principal_minor, booked.price.due_minor) == (
        500,
        5_000,
        2_500,
    )
    assert purse.stored(member) == (15_000, 1_500)
    purse.verify()


@pytest.mark.parametrize(
    ("principal_earns", "bonus_earns", "points"),
    [(True, False, 75), (True, True, 80), (False, False, 25), (False, True, 30)],
)
def test_whether_stored_value_earns_is_a_setting(
    *, principal_earns: bool, bonus_earns: bool, points: int
) -> None:
    stored = {**STORED, "principal_earns": principal_earns, "bonus_earns": bonus_earns}
    purse = Purse(owning(stored_value=stored))
    member = purse.member()
    purse.saved(member, 20_000)
    before = purse.dump(member)
    order = purse.order(member, 8_000, stored_minor=5_500)
    assert purse.available(member) == points
    assert purse.dump(member)["spend_minor"] == points * 100
    purse.booked(purse.refund(order))
    assert purse.dump(member) == before


def test_more_than_stored_value_can_pay_is_refused_whole() -> None:
    purse = Purse()
    member = purse.member()
    purse.saved(member, 10_000)
    before = purse.dump(member)
    assert refused_with(purse, purse.purchase(member, 20_000, stored_minor=11_001)) == (
        "insufficient_stored_value",
        {"short_by": 1, "most_minor": 11_000},
    )
    assert refused_with(purse, purse.purchase(member, 500, stored_minor=501)) == (
        "stored_value_above_price",
        {"left_minor": 500, "stored_minor": 501},
    )
    assert purse.refused(purse.purchase(None, 500, stored_minor=1)) == "stored_value_needs_member"
    assert purse.refused(purse.purchase(member, 500, stored_minor=100, due_minor=401)) == (
        "price_changed"
    )
    assert purse.dump(member) == before
    purse.booked(purse.purchase(member, 500, stored_minor=100, due_minor=400))


def test_without_stored_value_in_the_rule_set() -> None:
    purse = Purse(rule_set(RATE, offset=OFFSET))
    member = purse.member()
    assert purse.refused(purse.top_up(member, 1)) == "stored_value_not_allowed"
    assert purse.refused(purse.purchase(member, 1, stored_minor=1)) == "stored_value_not_allowed"


def test_a_top_up_refunded_in_parts_is_the_smaller_top_up() -> None:
    purse = Purse()
    member, other = purse.member(), purse.member()
    top_up = purse.saved(member, 35_000)
    purse.saved(other, 25_000)
    first = purse.booked(purse.pay_out(top_up, 4_000))
    assert first.points == {"principal": -4_000}
    second = purse.booked(purse.pay_out(top_up, 6_000))
    assert second.points == {"principal": -6_000, "bonus": -1_000}
    assert purse.stored(member) == purse.stored(other) == (25_000, 2_000)
    last = purse.booked(purse.pay_out(top_up))
    assert last.points == {"principal": -25_000, "bonus": -2_000}
    assert purse.stored(member) == (0, 0)
    assert refused_with(purse, purse.pay_out(top_up)) == (
        "top_up_spent",
        {"left_minor": 0, "asked_minor": 0},
    )
    purse.verify()


def test_what_is_spent_of_a_top_up_does_not_go_back() -> None:
    """The first top-up pays first, so it is the first that is used up."""
    purse = Purse()
    member = purse.member()
    first, second = purse.saved(member, 5_000), purse.saved(member, 5_000)
    order = purse.order(member, 6_000, stored_minor=6_000)
    assert refused_with(purse, purse.pay_out(first, 1)) == (
        "top_up_spent",
        {"left_minor": 0, "asked_minor": 1},
    )
    assert refused_with(purse, purse.pay_out(second, 4_001)) == (
        "top_up_spent",
        {"left_minor": 4_000, "asked_minor": 4_001},
    )
    purse.booked(purse.refund(order))
    assert purse.booked(purse.pay_out(first)).points == {"principal": -5_000}
    assert purse.booked(purse.pay_out(second)).points == {"principal": -5_000}
    purse.verify()


def test_a_spent_reward_refuses_the_refund_or_is_owed() -> None:
    first_all = {**STORED, "bonus_share": [1, 1]}
    for policy, owed in (("refuse", 0), ("owe", 600)):
        purse = Purse(owning(stored_value={**first_all, "spent_reward": policy}))
        member = purse.member()
        top_up = purse.saved(member, 10_000)
        purse.order(member, 600, stored_minor=600)
        assert purse.stored(member) == (10_000, 400)
        if policy == "refuse":
            assert refused_with(purse, purse.pay_out(top_up)) == (
                "top_up_reward_spent",
                {"unit": "bonus", "short_by": 600},
            )
            assert purse.stored(member) == (10_000, 400)
        else:
            purse.booked(purse.pay_out(top_up))
        assert purse.balance(member, "bonus").deficit == owed
        purse.verify()


def test_points_for_a_top_up_and_their_cap() -> None:
    points = {**TOP_UP, "unit": "points", "points": 50}
    cap = {"kind": "cap", "code": "daily", "per": "day", "points": 120, "unit": "points"}
    purse = Purse(owning(points, cap))
    member = purse.member()
    first, second = purse.saved(member, 20_000), purse.saved(member, 20_000)
    assert purse.available(member) == 120
    purse.booked(purse.pay_out(first))
    assert purse.available(member) == 20
    purse.saved(member, 20_000)
    assert purse.available(member) == 120
    purse.booked(purse.pay_out(second))
    purse.verify()


def test_a_top_up_and_its_refund_in_one_batch() -> None:
    purse = Purse()
    member = purse.member()
    top_up = purse.top_up(member, 10_000)
    outcomes = purse.book(
        top_up, purse.pay_out(top_up, 2_000), purse.pay_out(top_up), purse.pay_out(top_up)
    )
    assert [type(each).__name__ for each in outcomes] == ["Booked", "Booked", "Booked", "Refused"]
    assert purse.stored(member) == (0, 0)
    purse.verify()


def test_a_top_up_keeps_its_key_and_its_reference() -> None:
    purse = Purse()
    member = purse.member()
    top_up = purse.top_up(member, 10_000)
    first, again = purse.booked(top_up), purse.booked(top_up)
    assert (again.replayed, again.points) == (True, first.points)
    assert purse.refused(purse.top_up(member, 1, reference=top_up.reference)) == (
        "duplicate_reference"
    )
    assert purse.refused(purse.pay_out(purse.top_up(member, 1))) == "unknown_top_up"
    refund = purse.pay_out(top_up, 1_000, reference="R1")
    purse.booked(refund)
    assert purse.booked(refund).replayed
    assert purse.refused(purse.pay_out(top_up, 1, reference="R1")) == "duplicate_reference"
    assert purse.stored(member) == (9_000, 0)


def test_a_preview_of_a_top_up_writes_nothing() -> None:
    purse = Purse()
    member = purse.member()
    [seen] = purse.preview(purse.top_up(member, 10_000))
    assert seen.points == {"principal": 10_000, "bonus": 1_000}  # type: ignore[union-attr]
    assert purse.stored(member) == (0, 0)


def test_the_reward_expires_and_the_principal_does_not() -> None:
    purse = Purse(owning(expiry={"bonus": {"kind": "after", "days": 30}}))
    member = purse.member()
    top_up = purse.saved(member, 10_000)
    later = purse.at + timedelta(days=31)
    assert purse.available(member, "bonus", later) == 0
    assert purse.available(member, "principal", later) == 10_000
    booked = purse.booked(purse.pay_out(top_up, occurred_at=later), at=later)
    assert booked.points == {"principal": -10_000}
    assert purse.balance(member, "bonus", later).deficit == 0
    purse.verify()


def test_stored_value_is_adjusted_like_every_unit() -> None:
    purse = Purse()
    member = purse.member()
    purse.booked(purse.adjustment(member, 500, unit="principal"))
    purse.booked(purse.adjustment(member, -200, unit="principal"))
    assert purse.stored(member) == (300, 0)
    purse.verify()


@pytest.mark.parametrize("end", [freeze, leave, erasure])
def test_money_is_paid_out_whatever_the_membership(end: Any) -> None:
    """The order was refunded after the member had left: the money of it is owed, while the bonus
    was forfeited, which counts as taken back."""
    purse = Purse()
    member = purse.member()
    top_up = purse.saved(member, 10_000)
    order = purse.order(member, 11_000, stored_minor=11_000)
    done = end(purse, member)
    if done is not None:
        purse.booked(done)
    purse.booked(purse.refund(order))
    assert purse.stored(member) == (10_000, 1_000 if done is None else 0)
    purse.booked(purse.pay_out(top_up))
    assert purse.stored(member) == (0, 0)
    purse.verify()


@pytest.mark.parametrize("end", [leave, erasure])
def test_who_has_left_gets_the_money_although_the_reward_is_spent(end: Any) -> None:
    purse = Purse()
    member = purse.member()
    top_up = purse.saved(member, 10_000)
    purse.order(member, 550, stored_minor=550)
    order = purse.order(member, 10_450, stored_minor=10_450)
    purse.booked(end(purse, member))
    purse.booked(purse.refund(order))
    purse.booked(purse.pay_out(top_up))
    assert purse.stored(member) == (0, 0)
    assert purse.balance(member, "bonus").deficit == 50
    purse.verify()
