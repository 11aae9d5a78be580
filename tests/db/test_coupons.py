"""Coupons: issued to a member or to a bearer, used once, given back by policy, made void."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from tests.people import erasure, freeze, leave, merge, undo
from tests.tiered import reversal_of
from tests.wallets import COUPONS, NAME, Purse, owning, refused_with
from tests.world import codes as codes_of

from jifen.earning.types import Booked, Line
from jifen.wallet import selectors as wallet
from jifen.wallet.models import Coupon

CUP = Line("cup", 2, 4_000)
TEA = Line("tea", 4, 10_000)


def test_an_order_uses_a_coupon_once() -> None:
    purse = Purse()
    member = purse.member()
    code = purse.coupon("fifty", member)
    booked = purse.booked(purse.purchase(member, 12_000, coupons=(code,)))
    assert booked.price is not None
    assert (booked.price.net_minor, booked.price.due_minor) == (7_000, 7_000)
    assert booked.points == {"points": 70}
    assert purse.coupon_status(code) == "used"
    assert purse.refused(purse.purchase(member, 12_000, coupons=(code,))) == "coupon_used"
    purse.verify()


def test_small_letters_and_spaces_are_the_same_code() -> None:
    purse = Purse()
    code = purse.coupon("never")
    purse.order(None, 500, coupons=(code.lower().replace("-", " "),))
    assert purse.coupon_status(code) == "used"


def test_a_bearer_coupon_is_anybodys_and_a_members_is_the_members() -> None:
    purse = Purse()
    member, other = purse.member(), purse.member()
    mine = purse.coupon("fifty", member)
    for stranger in (other, None):
        order = purse.purchase(stranger, 12_000, coupons=(mine,))
        assert purse.refused(order) == "coupon_of_another_member"
    for anybody in (other, None):
        purse.order(anybody, 12_000, coupons=(purse.coupon("fifty"),))


def test_an_order_without_a_member_may_use_one_and_be_claimed() -> None:
    purse = Purse()
    code = purse.coupon("fifty")
    order = purse.order(None, 6_000, Line("tea", 2, 6_000), coupons=(code,))
    purse.booked(purse.refund(order, (1, 1)))
    member = purse.member()
    booked = purse.booked(purse.claim(order, member))
    assert booked.points == {"points": 52}  # 60.00 + 60.00 − 50.00, less half of 35.00
    purse.booked(purse.refund(order))
    assert purse.available(member) == 0
    assert purse.coupon_status(code) == "issued"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"lines": (Line("tea", 1, 9_999),)}, "coupon_below_threshold"),
        ({"lines": (Line("card", 1, 20_000, kind="gift_card"),)}, "coupon_without_line"),
        ({"occurred": 31}, "coupon_expired"),
    ],
    ids=["threshold", "nothing-of-it", "expired"],
)
def test_what_does_not_fit_leaves_the_coupon_as_it_is(change: dict[str, object], code: str) -> None:
    purse = Purse()
    member = purse.member()
    mine = purse.coupon("fifty", member)
    days = int(change.pop("occurred", 0))  # type: ignore[call-overload]
    at = purse.at + timedelta(days=days)
    order = purse.purchase(member, 12_000, coupons=(mine,), occurred_at=at, **change)
    assert purse.refused(order, at) == code
    assert purse.coupon_status(mine) == "issued"


def test_a_coupon_is_good_to_the_end_of_its_last_local_day() -> None:
    purse = Purse()
    member = purse.member()
    code = purse.coupon("fifty", member)
    end = purse.coupon_info(code).valid_until
    assert end is not None
    assert end.isoformat() == "2026-07-01T16:00:00+00:00"
    assert purse.coupon_info(code, at=end - timedelta(microseconds=1)).status == "issued"
    assert purse.coupon_info(code, at=end).status == "expired"
    last = end - timedelta(seconds=1)
    order = purse.purchase(member, 12_000, coupons=(code,), occurred_at=last)
    assert isinstance(purse.book(order, at=last)[0], Booked)


def test_other_stores_other_programmes_and_codes_that_are_none() -> None:
    purse, elsewhere = Purse(), Purse()
    member = purse.member()
    code = purse.coupon("other", member)
    assert refused_with(purse, purse.purchase(member, 500, coupons=(code,))) == (
        "coupon_not_for_store",
        {"store": "main", "stores": ["other"]},
    )
    purse.booked(purse.purchase(member, 500, coupons=(code,), store="other"))
    assert elsewhere.refused(elsewhere.purchase(None, 500, coupons=(code,))) == "unknown_coupon"
    for wrong in ("x", "0" * 28, "é" * 28):
        assert purse.refused(purse.purchase(member, 500, coupons=(wrong,))) == "unknown_coupon"


def test_coupons_of_several_groups_stack_and_of_one_do_not() -> None:
    purse = Purse()
    member = purse.member()
    codes = [purse.coupon(kind, member) for kind in ("post", "fifty", "percent", "cup")]
    lines = (TEA, CUP, Line("post", 1, 1_000, kind="shipping"))
    booked = purse.booked(purse.purchase(member, *lines, coupons=tuple(codes)))
    assert booked.price is not None
    assert [step.code for step in booked.price.steps] == ["cup", "percent", "fifty", "post"]
    # 140 − 20 for a cup, − 12.00, − 50.00, and 10.00 of shipping.
    assert booked.price.due_minor == 5_800
    assert booked.points == {"points": 58}
    two = (purse.coupon("fifty", member), purse.coupon("never", member))
    assert purse.refused(purse.purchase(member, 20_000, coupons=two)) == "coupons_do_not_stack"
    assert (
        purse.refused(purse.purchase(member, 20_000, coupons=(two[0], two[0])))
        == "coupon_named_twice"
    )


def test_a_refund_gives_a_coupon_back_by_its_policy() -> None:
    purse = Purse()
    member = purse.member()
    codes = {kind: purse.coupon(kind, member) for kind in ("fifty", "cup", "percent")}
    never = purse.coupon("never", member)
    order = purse.order(member, TEA, CUP, coupons=tuple(codes.values()))
    purse.booked(purse.refund(order, (1, 1)))
    assert [purse.coupon_status(codes[kind]) for kind in codes] == ["used"] * 3
    purse.booked(purse.refund(order, (1, 1)))
    assert {kind: purse.coupon_status(code) for kind, code in codes.items()} == {
        "fifty": "used",
        "cup": "issued",
        "percent": "used",
    }
    other = purse.order(member, 1_000, Line("cup", 1, 500), coupons=(codes["cup"], never))
    purse.booked(purse.refund(order))
    assert purse.coupon_status(codes["fifty"]) == "issued"
    assert purse.coupon_status(codes["percent"]) == "issued"
    assert purse.coupon_status(codes["cup"]) == "used"  # by the other order by now
    purse.booked(purse.refund(other))
    assert purse.coupon_status(codes["cup"]) == "issued"
    assert purse.coupon_status(never) == "used"
    assert purse.available(member) == 0
    purse.verify()


def test_one_batch_issues_uses_and_gives_back() -> None:
    purse = Purse()
    member = purse.member()
    code = purse.coupon("fifty", member)
    order = purse.purchase(member, 12_000, coupons=(code,))
    again = purse.purchase(member, 12_000, coupons=(code,))
    outcomes = purse.book(order, again, purse.refund(order), again)
    assert [getattr(each, "error", each).__class__.__name__ for each in outcomes] == [
        "Booked",
        "CouponUsed",
        "Booked",
        "Booked",
    ]
    assert purse.coupon_status(code) == "used"


def test_the_terms_are_those_of_the_issue() -> None:
    purse = Purse()
    member = purse.member()
    code = purse.coupon("fifty", member)
    cheaper = {**COUPONS, "fifty": {"name": NAME, "gives": {"kind": "amount", "minor": 1}}}
    purse.publish(owning(coupons=cheaper))
    booked = purse.booked(purse.purchase(member, 12_000, coupons=(code,)))
    assert booked.price is not None
    assert booked.price.due_minor == 7_000
    newer = purse.coupon("fifty", member)
    assert purse.booked(purse.purchase(member, 100, coupons=(newer,))).price.due_minor == 99  # type: ignore[union-attr]
    purse.publish(owning(coupons={}, conversions={}))
    old = purse.purchase(member, 12_000, coupons=(newer,))
    assert purse.refused(old) == "coupon_used"
    assert purse.refused(purse.issue("fifty", member)) == "unknown_coupon_kind"


def test_void_and_used_exclude_each_other() -> None:
    purse = Purse()
    member = purse.member()
    code, other = purse.coupon("fifty", member), purse.coupon("never")
    purse.booked(purse.void(code))
    assert purse.coupon_status(code) == "void"
    assert purse.refused(purse.purchase(member, 12_000, coupons=(code,))) == "coupon_void"
    assert purse.refused(purse.void(code)) == "coupon_void"
    purse.order(None, 500, coupons=(other,))
    assert purse.refused(purse.void(other)) == "coupon_used"
    assert purse.refused(purse.void("0" * 28)) == "unknown_coupon"


def test_a_thousand_bearer_coupons_in_one_act() -> None:
    purse = Purse()
    issue = purse.issue("never", count=1_000)
    booked, again = purse.booked(issue), purse.booked(issue)
    codes = {coupon.code for coupon in booked.coupons}
    assert len(codes) == 1_000
    assert {coupon.code for coupon in again.coupons} == codes
    with purse.scope():
        assert Coupon.objects.filter(member_id=None, issued_by_id=booked.id).count() == 1_000


def test_a_members_coupons_the_newest_first() -> None:
    purse = Purse()
    member = purse.member()
    codes = [purse.coupon(kind, member) for kind in ("fifty", "never", "cup", "post")]
    purse.order(member, 500, coupons=(codes[1],))
    later = purse.at + timedelta(days=31)

    def listed(*, only_usable: bool = False, before: uuid.UUID | None = None, limit: int = 9):  # type: ignore[no-untyped-def]
        with purse.scope():
            found = wallet.coupons(
                member_id=member, before=before, only_usable=only_usable, at=later, limit=limit
            )
        return [(coupon.code, coupon.status) for coupon in found], found[-1].id

    whole, _ = listed()
    assert whole == [
        (codes[3], "issued"),
        (codes[2], "issued"),
        (codes[1], "used"),
        (codes[0], "expired"),
    ]
    page, last = listed(limit=2)
    assert page + listed(before=last)[0] == whole
    assert listed(only_usable=True)[0] == whole[:2]


def test_what_is_not_valid_yet_is_not_usable() -> None:
    soon = {"kind": "dates", "from": "2026-06-02", "until": "2026-06-30"}
    purse = Purse(owning(coupons={**COUPONS, "soon": {**COUPONS["never"], "valid": soon}}))
    member = purse.member()
    code = purse.coupon("soon", member)
    for days, usable in ((0, []), (1, [code])):
        with purse.scope():
            found = wallet.coupons(
                member_id=member,
                before=None,
                only_usable=True,
                at=purse.at + timedelta(days=days),
                limit=9,
            )
        assert [coupon.code for coupon in found] == usable


@pytest.mark.parametrize("parts", [False, True], ids=["merged", "parted"])
def test_a_coupon_whose_owner_is_merged_or_parted_in_the_same_batch_waits(parts: bool) -> None:
    purse = Purse()
    one, two = purse.member(), purse.member()
    code = purse.coupon("fifty", two)
    joined = merge(purse, one, two)
    first = undo(purse, purse.booked(joined).id) if parts else joined
    outcomes = purse.book(first, order := purse.purchase(one, 12_000, coupons=(code,)))
    assert isinstance(outcomes[0], Booked)
    assert codes_of(outcomes) == ["member_busy"]
    assert purse.coupon_status(code) == "issued"
    if parts:
        assert purse.refused(order) == "coupon_of_another_member"
    else:
        purse.booked(order)
    purse.verify()


@pytest.mark.parametrize("parts", [False, True], ids=["merged", "parted"])
def test_what_goes_back_waits_when_its_owner_is_merged_or_parted_in_the_same_batch(
    parts: bool,
) -> None:
    purse = Purse()
    last, survivor, other = purse.member(), purse.member(), purse.member()
    gift = purse.adjustment(other, 100)
    top_up = purse.top_up(other, 10_000)
    gift_id = purse.booked(gift).id
    purse.booked(top_up)
    purse.booked(merge(purse, survivor, other))
    joined = merge(purse, last, survivor)
    first = undo(purse, purse.booked(joined).id) if parts else joined
    outcomes = purse.book(first, reversal_of(gift_id, purse.at), purse.pay_out(top_up))
    assert isinstance(outcomes[0], Booked)
    assert codes_of(outcomes) == ["member_busy", "member_busy"]
    purse.booked(reversal_of(gift_id, purse.at))
    assert {purse.available(each) for each in (last, survivor, other)} == {0}
    purse.verify()


def test_the_coupons_of_a_merged_member_are_the_survivors_until_the_merge_is_undone() -> None:
    purse = Purse()
    one, two, three = purse.member(), purse.member(), purse.member()
    codes = [purse.coupon("fifty", member) for member in (one, two, three)]
    purse.booked(merge(purse, two, three))
    merged = purse.booked(merge(purse, one, two))
    assert listed(purse, one) == codes[::-1]
    assert listed(purse, two) == codes[:0:-1]
    assert listed(purse, one, limit=2) == codes[:0:-1]
    order = purse.order(one, 12_000, coupons=(codes[2],))
    purse.booked(purse.refund(order))
    purse.order(one, 12_000, coupons=(codes[1],))
    stranger = purse.purchase(purse.member(), 12_000, coupons=(codes[2],))
    assert purse.refused(stranger) == "coupon_of_another_member"
    checkout = purse.booked(purse.checkout(one, 12_000, coupons=(codes[2],)))
    purse.booked(purse.dropped(checkout.id))
    purse.booked(undo(purse, merged.id))
    assert listed(purse, one) == codes[:1]
    mine = purse.purchase(one, 12_000, coupons=(codes[2],))
    assert purse.refused(mine) == "coupon_of_another_member"
    purse.order(two, 12_000, coupons=(codes[2],))
    purse.verify()


@pytest.mark.parametrize("end", [freeze, leave, erasure])
def test_the_coupon_of_somebody_who_may_not_act_can_be_made_void(end: Any) -> None:
    purse = Purse()
    member = purse.member()
    code = purse.coupon("fifty", member)
    done = end(purse, member)
    if done is not None:
        purse.booked(done)
    purse.booked(purse.void(code))
    assert purse.coupon_status(code) == "void"


def test_a_coupon_that_somebody_else_has_is_not_told_to_have_come_back() -> None:
    purse = Purse()
    member = purse.member()
    code = purse.coupon("fifty", member)
    order = purse.order(member, 12_000, coupons=(code,))
    with purse.scope():
        Coupon.objects.filter(code=code).update(holder_id=uuid.uuid4())
    told = purse.booked(purse.refund(order)).award.refusals
    assert "coupon_given_back" not in {refusal.code for refusal in told}
    assert purse.coupon_status(code) == "used"


def listed(purse: Purse, member: uuid.UUID, *, limit: int = 9) -> list[str]:
    """The codes of a member's coupons, the newest first."""
    with purse.scope():
        found = wallet.coupons(
            member_id=member, before=None, only_usable=False, at=purse.at, limit=limit
        )
    return [coupon.code for coupon in found]


@pytest.mark.parametrize(
    ("columns", "constraint"),
    [
        ({"status": "used"}, "coupon_status_says_who_has_it"),
        ({"status": "held", "holder_id": uuid.uuid4()}, "coupon_status_says_who_has_it"),
        ({"holder_id": uuid.uuid4()}, "coupon_status_says_who_has_it"),
        ({"code": "another"}, "coupon_code_once"),
    ],
)
def test_the_database_keeps_what_a_coupon_is(columns: dict[str, Any], constraint: str) -> None:
    purse = Purse()
    code, other = purse.coupon("never"), purse.coupon("never")
    with purse.scope():
        Coupon.objects.filter(code=other).update(code="another")
        with pytest.raises(IntegrityError, match=constraint):
            Coupon.objects.filter(code=code).update(**columns)
