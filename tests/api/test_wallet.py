"""Golden E12, R4, R6, R7 and R8 through HTTP, and the addresses of coupons and checkout."""

import uuid
from typing import Any

import pytest
from tests.api.shop import NOW, Answer, Shop, later

from jifen.common.clock import set_clock
from jifen.programmes.types import RIGHTS


def act(shop: Shop, kind: str, member: str | None = None, **body: Any) -> Answer:
    """Book an activity of a member, or of nobody."""
    what: dict[str, Any] = {"kind": kind, "occurred_at": NOW.isoformat(), **body}
    if member is not None:
        what["member"] = {"kind": "id", "value": member}
    return shop.book(what)


def done(answer: Answer) -> dict[str, Any]:
    assert answer.status == 201, answer.content
    return dict(answer.json)


def with_points(shop: Shop, points: int, **where: Any) -> str:
    member = shop.member()
    give(shop, member, points, **where)
    return member


def give(shop: Shop, member: str, points: int, **where: Any) -> None:
    done(
        act(
            shop,
            "adjustment",
            member,
            unit="points",
            points=points,
            reason="for the test",
            actor="tester",
            **where,
        )
    )


def top_up(shop: Shop, member: str, minor: int) -> dict[str, Any]:
    return done(act(shop, "top_up", member, reference=uuid.uuid4().hex, paid_minor=minor))


def explained(shop: Shop, activity: str, language: str = "en") -> dict[str, Any]:
    answer = shop.get(f"activities/{activity}/explain", Accept_Language=language)
    assert answer.status == 200, answer.content
    return dict(answer.json)


@pytest.mark.parametrize(
    ("preset", "unit", "given"),
    [("e12-bonus", "bonus", (1_000, 2_000)), ("e12-points", "points", (50, 100))],
)
def test_e12_a_top_up_of_a_hundred_gives(preset: str, unit: str, given: tuple[int, int]) -> None:
    shop = Shop(preset)
    for minor, reward in zip((10_000, 25_000), given, strict=True):
        member = shop.member()
        booked = top_up(shop, member, minor)
        assert booked["points"] == {"principal": minor, unit: reward}
        assert shop.available(member, "principal") == minor
        assert shop.available(member, unit) == reward


def test_e12_is_told_in_both_languages() -> None:
    shop = Shop("e12-bonus")
    booked = top_up(shop, shop.member(), 25_050)
    assert explained(shop, booked["id"])["sentences"] == [
        "topped-up: +¥20 bonus money",
        "¥250.50 stored value topped up",
    ]
    assert explained(shop, booked["id"], "zh")["sentences"] == [
        "topped-up：+¥20 赠送金",
        "充值 ¥250.50 储值本金",
    ]


def test_r4_five_hundred_points_for_a_coupon_of_fifty() -> None:
    shop = Shop("r4")
    member = with_points(shop, 999)
    booked = done(act(shop, "conversion", member, code="fifty"))
    [coupon] = booked["coupons"]
    assert coupon["kind"] == "fifty"
    assert booked["points"] == {"points": -500}
    refused = act(shop, "conversion", member, code="fifty")
    assert (refused.status, refused.code, refused.json["short_by"]) == (
        409,
        "insufficient_points",
        1,
    )
    order = done(shop.book(shop.purchase(member, 12_890, coupons=[coupon["code"]])))
    assert order["price"]["due_minor"] == 7_890
    assert explained(shop, booked["id"])["sentences"] == [
        "1 × coupon fifty issued",
        "500 points converted",
    ]
    assert "Coupon fifty: ¥128.90 − ¥50 = ¥78.90" in explained(shop, order["id"])["sentences"]


def test_r6_a_thousand_points_lift_silver_to_gold() -> None:
    shop = Shop("r6")
    member = shop.member()
    done(shop.book(shop.purchase(member, 120_000)))
    growth = shop.available(member, "growth")
    booked = done(act(shop, "conversion", member, code="gold"))
    assert booked["tier"] == "gold"
    assert shop.get(f"members/{member}").json["tier"] == "gold"
    assert (shop.available(member), shop.available(member, "growth")) == (200, growth)
    give(shop, member, 1_000)
    assert act(shop, "conversion", member, code="gold").code == "tier_not_higher"
    assert act(shop, "conversion", with_points(shop, 2_000), code="gold", times=2).code == (
        "conversions_used_up"
    )


def test_r7_a_thousand_points_become_twenty_yuan() -> None:
    shop = Shop("r7")
    member = with_points(shop, 1_000)
    booked = done(act(shop, "conversion", member, code="stored"))
    assert booked["points"] == {"points": -1_000, "bonus": 2_000}
    assert booked["award"] == {}
    assert (shop.available(member, "bonus"), shop.available(member, "principal")) == (2_000, 0)
    assert explained(shop, booked["id"])["sentences"] == [
        "1000 points converted",
        "¥20 bonus money given for it",
    ]
    paid = done(shop.book(shop.purchase(member, 2_500, stored_minor=2_000)))
    assert paid["price"]["due_minor"] == 500
    assert paid["points"] == {"points": 5, "bonus": -2_000}


def test_r8_a_car_wash_at_the_neighbours() -> None:
    shop = Shop("r8")
    member = shop.member()
    done(shop.book(shop.purchase(member, 20_000)))
    done(shop.book(shop.purchase(member, 10_000, store="bakery")))
    bought = done(act(shop, "conversion", member, code="wash"))
    assert bought["points"] == {"points": -300, "wash": 1}
    at_home = act(shop, "pass_use", member, unit="wash")
    assert (at_home.status, at_home.code) == (422, "pass_not_for_store")
    used = done(act(shop, "pass_use", member, unit="wash", store="carwash", reference="W1"))
    assert used["points"] == {"wash": -1}
    assert shop.available(member, "wash") == 0
    told = explained(shop, used["id"])
    assert told["paid_by"] == [
        {"merchant": "bakery", "unit": "points", "points": 100},
        {"merchant": "main", "unit": "points", "points": 200},
    ]
    assert told["sentences"] == [
        "1 car washes used",
        "Bought with 100 points that bakery had issued",
        "Bought with 200 points that main had issued",
    ]
    assert act(shop, "pass_use", member, unit="wash", store="carwash").code == (
        "insufficient_points"
    )


def test_money_of_a_top_up_goes_back() -> None:
    shop = Shop("e12-bonus")
    member = shop.member()
    reference = uuid.uuid4().hex
    booked = done(act(shop, "top_up", member, reference=reference, paid_minor=20_000))
    again = act(shop, "top_up", member, reference=reference, paid_minor=1)
    assert (again.status, again.code) == (409, "duplicate_reference")
    refund = act(shop, "top_up_refund", of={"reference": reference}, minor=5_000)
    assert done(refund)["points"] == {"principal": -5_000, "bonus": -1_000}
    above = act(shop, "top_up_refund", of={"reference": reference}, minor=15_001)
    assert (above.status, above.code, above.json["left_minor"]) == (409, "top_up_spent", 15_000)
    done(act(shop, "top_up_refund", of={"reference": reference}))
    assert (shop.available(member, "principal"), shop.available(member, "bonus")) == (0, 0)
    unknown = act(shop, "top_up_refund", of={"reference": "nothing"})
    assert (unknown.status, unknown.code) == (404, "unknown_top_up")
    related = explained(shop, booked["id"])["related"]
    assert [each["kind"] for each in related] == ["top_up_refund", "top_up_refund"]


def issue(shop: Shop, coupon: str, member: str | None = None, count: int = 1) -> list[str]:
    body = {"coupon": coupon, "count": count, "reason": "sorry", "actor": "王"}
    booked = done(act(shop, "coupon_issue", member, **body))
    return [each["code"] for each in booked["coupons"]]


def test_a_quote_is_what_the_purchase_costs() -> None:
    shop = Shop("wallet")
    member = with_points(shop, 2_000)
    top_up(shop, member, 20_000)
    [tea], [delivery] = issue(shop, "tea", member), issue(shop, "delivery")
    lines = [
        {"product": "oolong", "quantity": 1, "amount_minor": 12_000, "category": "tea"},
        {"product": "pot", "quantity": 1, "amount_minor": 8_000},
        {"product": "post", "quantity": 1, "amount_minor": 1_000, "kind": "shipping"},
    ]
    paying: dict[str, Any] = {
        "member": {"kind": "id", "value": member},
        "lines": lines,
        "coupons": [delivery, tea],
        "points_paid": 500,
        "stored_minor": 11_000,
    }
    answer = shop.post("checkout/quote", paying)
    assert answer.status == 200, answer.content
    quote = answer.json
    price = quote["price"]
    assert [(step["step"], step["off_minor"]) for step in price["steps"]] == [
        ("coupon", 1_440),
        ("coupon", 1_000),
        ("points", 500),
        ("bonus", 1_000),
        ("principal", 10_000),
    ]
    assert price["due_minor"] == 7_060
    assert quote["points"] == {"points": 170 - 500, "principal": -10_000, "bonus": -1_000}
    assert (quote["most_points"], quote["most_stored_minor"]) == (2_000, 18_060)
    assert shop.available(member) == 2_000
    order = shop.purchase(member, lines=lines, **{k: v for k, v in paying.items() if k != "lines"})
    wrong = shop.book({**order, "due_minor": 7_059})
    assert (wrong.status, wrong.code, wrong.json["due_minor"]) == (409, "price_changed", 7_060)
    booked = done(shop.book({**order, "due_minor": 7_060}))
    assert booked["price"] == price
    assert booked["points"] == quote["points"]
    assert shop.post("checkout/quote", paying).code == "coupon_used"


def test_a_quote_for_nobody_and_a_plain_one() -> None:
    shop = Shop("wallet")
    lines = [{"product": "pot", "quantity": 1, "amount_minor": 8_000}]
    assert shop.post("checkout/quote", {"lines": lines}).json["price"]["due_minor"] == 8_000
    nobody = shop.post("checkout/quote", {"lines": lines, "stored_minor": 1})
    assert (nobody.status, nobody.code) == (422, "stored_value_needs_member")
    member = with_points(shop, 1_000)
    who = {"kind": "id", "value": member}
    paid = shop.post("checkout/quote", {"lines": lines, "member": who, "points_paid": 500}).json
    assert (paid["price"]["offset_minor"], paid["price"]["due_minor"]) == (500, 7_500)
    above = shop.post("checkout/quote", {"lines": lines, "member": who, "points_paid": 2_500})
    assert above.code == "offset_above_share"
    assert shop.post("checkout/quote", {"lines": []}).code == "too_short"


def test_a_members_coupons_are_listed_and_found_by_code() -> None:
    shop = Shop("wallet")
    member = shop.member()
    mine = issue(shop, "fifty", member) + issue(shop, "cake", member)
    [bearer] = issue(shop, "delivery")
    done(shop.book(shop.purchase(member, 40_000, coupons=[mine[0]])))
    listed = shop.get(f"members/{member}/coupons").json
    assert [(each["code"], each["status"]) for each in listed["coupons"]] == [
        (mine[1], "issued"),
        (mine[0], "used"),
    ]
    usable = shop.get(f"members/{member}/coupons?usable=true&limit=1").json
    assert [each["code"] for each in usable["coupons"]] == [mine[1]]
    assert usable["next_cursor"] is None
    first = shop.get(f"members/{member}/coupons?limit=1").json
    rest = shop.get(f"members/{member}/coupons?cursor={first['next_cursor']}").json
    assert first["coupons"] + rest["coupons"] == listed["coupons"]
    found = shop.post("coupons/lookup", {"code": bearer.lower()}).json
    assert (found["kind"], found["member_id"], found["status"]) == ("delivery", None, "issued")
    assert shop.post("coupons/lookup", {"code": "nothing"}).code == "unknown_coupon"
    assert Shop("wallet").post("coupons/lookup", {"code": bearer}).code == "unknown_coupon"
    with set_clock(later(days=8)):
        listed = shop.get(f"members/{member}/coupons").json
        assert [each["status"] for each in listed["coupons"]] == ["expired", "used"]
        assert shop.get(f"members/{member}/coupons?usable=true").json["coupons"] == []


def test_issuing_and_voiding_need_the_right_to_adjust() -> None:
    shop = Shop("wallet", rights=RIGHTS - {"adjust"})
    body = {"coupon": "fifty", "reason": "x", "actor": "y"}
    issued = act(shop, "coupon_issue", **body)
    assert (issued.status, issued.code) == (403, "forbidden_right")
    voided = act(shop, "coupon_void", coupon="0" * 28, reason="x", actor="y")
    assert (voided.status, voided.code) == (403, "forbidden_right")


def test_a_void_coupon_says_why() -> None:
    shop = Shop("wallet")
    [code] = issue(shop, "fifty")
    voided = done(act(shop, "coupon_void", coupon=code, reason="printed twice", actor="王"))
    assert explained(shop, voided["id"])["sentences"] == [
        "Coupon fifty made void by 王: printed twice"
    ]
    refused = shop.book(shop.purchase(None, 40_000, coupons=[code]))
    assert (refused.status, refused.code) == (409, "coupon_void")


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"stored_minor": -1}, "too_small"),
        ({"stored_minor": 1.5}, "fractional_number"),
        ({"stored_minor": "1"}, "wrong_type"),
        ({"coupons": ["x"] * 21}, "too_long"),
        ({"coupons": [""]}, "too_short"),
        ({"coupons": "x"}, "wrong_type"),
        ({"due_minor": -1}, "too_small"),
    ],
)
def test_bad_means_of_payment(change: dict[str, Any], code: str) -> None:
    shop = Shop("wallet")
    assert shop.book(shop.purchase(shop.member(), 100, **change)).code == code


@pytest.mark.parametrize(
    ("kind", "body", "code"),
    [
        ("top_up", {"reference": "r", "paid_minor": 0}, "too_small"),
        ("top_up", {"reference": "r", "paid_minor": 10**13}, "too_large"),
        ("top_up", {"paid_minor": 1}, "missing_field"),
        ("conversion", {"code": "stored", "times": 0}, "too_small"),
        ("conversion", {"code": "nothing"}, "unknown_conversion"),
        ("conversion", {"code": "stored", "points": 1}, "unknown_field"),
        ("pass_use", {"unit": "wash", "count": 0}, "too_small"),
        ("pass_use", {"unit": "points", "store": "carwash"}, "unknown_pass"),
        ("pass_use", {"unit": "wash", "store": "moon"}, "unknown_store"),
        ("coupon_issue", {"coupon": "no", "reason": "x", "actor": "y"}, "unknown_coupon_kind"),
        (
            "coupon_issue",
            {"coupon": "fifty", "count": 1_001, "reason": "x", "actor": "y"},
            "too_large",
        ),
        ("coupon_issue", {"coupon": "fifty", "reason": "", "actor": "y"}, "too_short"),
    ],
)
def test_bad_input_is_named(kind: str, body: dict[str, Any], code: str) -> None:
    shop = Shop("wallet")
    member = with_points(shop, 5_000)
    assert act(shop, kind, member, **body).code == code


def test_a_batch_books_the_good_ones() -> None:
    shop = Shop("wallet")
    member = shop.member()
    who = {"kind": "id", "value": member}
    at = {"occurred_at": NOW.isoformat()}
    items = [
        {"kind": "top_up", "key": "a", "reference": "T", "paid_minor": 10_000, "member": who, **at},
        {"kind": "top_up_refund", "key": "b", "of": {"reference": "T"}, "minor": 99_999, **at},
        {"kind": "pass_use", "key": "c", "unit": "wash", "member": who, **at},
        {"kind": "top_up_refund", "key": "d", "of": {"reference": "T"}, "minor": 1_000, **at},
        {"kind": "conversion", "key": "e", "code": "stored", "member": who, **at},
    ]
    results = shop.post("activities/batch", {"activities": items}).json["results"]
    assert [each.get("error", {}).get("code", each["status"]) for each in results] == [
        "booked",
        "top_up_spent",
        "pass_not_for_store",
        "booked",
        "insufficient_points",
    ]
    assert shop.available(member, "principal") == 9_000
