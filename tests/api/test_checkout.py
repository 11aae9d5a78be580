"""Orders that are paid later, through HTTP: held whole, then captured, released or over."""

import uuid
from collections.abc import Sequence
from typing import Any

import pytest
from tests.api.shop import NOW, Answer, Shop, later
from tests.api.test_wallet import act, done, explained, issue, top_up, with_points

from jifen.common.clock import set_clock

CAKE = {"product": "cake", "quantity": 2, "amount_minor": 6_000}
TEA = {"product": "oolong", "quantity": 3, "amount_minor": 30_000, "category": "tea"}
POST = {"product": "post", "quantity": 1, "amount_minor": 1_000, "kind": "shipping"}


class Till:
    """A shop, and a member who has something of everything."""

    def __init__(self) -> None:
        self.shop = Shop("wallet")
        self.member = with_points(self.shop, 2_000)
        top_up(self.shop, self.member, 20_000)
        self.coupons = [
            code
            for kind in ("tea", "cake", "delivery")
            for code in issue(self.shop, kind, self.member)
        ]

    def checkout(self, **changes: Any) -> Answer:
        """An order of everything, paid by everything, within half an hour."""
        body: dict[str, Any] = {
            "reference": uuid.uuid4().hex,
            "minutes": 30,
            "lines": [CAKE, TEA, POST],
            "coupons": self.coupons,
            "points_paid": 1_000,
            "stored_minor": 11_000,
        }
        return act(self.shop, "checkout", self.member, **{**body, **changes})

    def balances(self) -> dict[str, tuple[int, int]]:
        """(available, held) by unit."""
        rows = self.shop.get(f"members/{self.member}/balances").json["balances"]
        held = {row["unit"]: (row["available"], row["held"]) for row in rows}
        return {unit: held[unit] for unit in ("points", "principal", "bonus")}

    def coupon_statuses(self) -> set[str]:
        listed = self.shop.get(f"members/{self.member}/coupons").json["coupons"]
        return {coupon["status"] for coupon in listed}

    def verify(self) -> None:
        assert self.shop.post("verify").json["ok"]


FREE = {"points": (2_000, 0), "principal": (20_000, 0), "bonus": (2_000, 0)}
HELD = {"points": (1_000, 1_000), "principal": (10_000, 10_000), "bonus": (1_000, 1_000)}


def end(shop: Shop, kind: str, checkout: str, **options: Any) -> Answer:
    """Capture or release a checkout."""
    body = {"kind": f"checkout_{kind}", "occurred_at": NOW.isoformat(), "of": checkout}
    return shop.book(body, **options)


def test_everything_is_held_and_the_capture_books_the_order() -> None:
    till = Till()
    booked = done(till.checkout())
    assert (booked["kind"], booked.get("points")) == ("checkout", None)
    # 60 + 300 + 10, less a cake, 20 off the tea, and the delivery; 10 by points, 110 by the card.
    assert booked["price"]["net_minor"] == 31_000
    assert booked["price"]["due_minor"] == 31_000 - 1_000 - 11_000
    assert till.balances() == HELD
    assert till.coupon_statuses() == {"held"}
    paid = done(end(till.shop, "capture", booked["id"], key="captured"))
    assert (paid["kind"], paid["price"]) == ("purchase", booked["price"])
    assert paid["points"] == {"points": 290 - 1_000, "principal": -10_000, "bonus": -1_000}
    assert till.balances() == {
        "points": (1_290, 0),
        "principal": (10_000, 0),
        "bonus": (1_000, 0),
    }
    assert till.coupon_statuses() == {"used"}
    again = end(till.shop, "capture", booked["id"], key="captured")
    assert (again.status, again.json["id"]) == (200, paid["id"])
    for kind in ("capture", "release"):
        refused = end(till.shop, kind, booked["id"])
        assert (refused.status, refused.code) == (409, "hold_ended")
    related = explained(till.shop, booked["id"])["related"]
    assert [each["id"] for each in related] == [paid["id"]]
    till.verify()


PARTS = [(0, 1), (0, 1), (1, 2), (1, 1), (2, 1)]


@pytest.mark.parametrize(
    "parts",
    [PARTS, PARTS[::-1], PARTS[2:] + PARTS[:2], PARTS[1::2] + PARTS[::2], [*PARTS[3:], *PARTS[:3]]],
)
def test_parts_of_a_captured_order_are_refunded_in_any_order(
    parts: Sequence[tuple[int, int]],
) -> None:
    till = Till()
    booked = done(till.checkout(reference="order"))
    done(end(till.shop, "capture", booked["id"]))
    for line, quantity in parts:
        pieces = [{"line": line, "quantity": quantity}]
        done(act(till.shop, "refund", of={"reference": "order"}, lines=pieces))
    assert till.balances() == FREE
    assert till.coupon_statuses() == {"issued"}
    assert act(till.shop, "refund", of={"reference": "order"}).code == "nothing_kept"
    till.verify()


def test_a_release_gives_everything_back() -> None:
    till = Till()
    booked = done(till.checkout(reference="order"))
    done(end(till.shop, "release", booked["id"]))
    assert till.balances() == FREE
    assert till.coupon_statuses() == {"issued"}
    assert end(till.shop, "capture", booked["id"]).code == "hold_ended"
    assert act(till.shop, "refund", of={"reference": "order"}).code == "unknown_order"
    till.verify()


def test_its_end_gives_everything_back_with_no_job() -> None:
    till = Till()
    booked = done(till.checkout())
    with set_clock(later(minutes=29, seconds=59)):
        assert till.balances() == HELD
        assert till.coupon_statuses() == {"held"}
    with set_clock(later(minutes=30)):
        assert till.balances() == FREE
        assert till.coupon_statuses() == {"issued"}
        for kind in ("capture", "release"):
            late = end(till.shop, kind, booked["id"])
            assert (late.status, late.code) == (409, "hold_ran_out")
            assert late.json["ended_at"].startswith("2026-07-01T04:30:00")
        done(till.checkout(occurred_at=later(minutes=30).isoformat()))
        till.verify()


def test_what_is_held_is_nobody_elses() -> None:
    till = Till()
    booked = done(till.checkout())
    rest = {"coupons": [], "points_paid": 0, "stored_minor": 0}
    for means, code in (
        ({"coupons": till.coupons[:1]}, "coupon_held"),
        ({"points_paid": 1_100}, "insufficient_points"),
        ({"stored_minor": 11_001}, "insufficient_stored_value"),
    ):
        refused = till.checkout(**{**rest, **means})
        assert (refused.status, refused.code) == (409, code)
    assert act(till.shop, "coupon_void", coupon=till.coupons[0], reason="x", actor="y").code == (
        "coupon_held"
    )
    stranger = till.shop.member()
    foreign = act(
        till.shop,
        "checkout",
        stranger,
        reference="theirs",
        minutes=5,
        lines=[TEA],
        coupons=till.coupons[:1],
    )
    assert foreign.code == "coupon_of_another_member"
    elsewhere = Shop("wallet")
    for kind in ("capture", "release"):
        refused = end(elsewhere, kind, booked["id"])
        assert (refused.status, refused.code) == (404, "unknown_activity")
    bound = till.shop.new_key(stores=["carwash"])
    for kind in ("capture", "release"):
        body = {"kind": f"checkout_{kind}", "occurred_at": NOW.isoformat(), "of": booked["id"]}
        refused = till.shop.post("activities", body, key=bound, Idempotency_Key=kind)
        assert (refused.status, refused.code) == (422, "wrong_store")
    till.verify()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"minutes": 0}, "too_small"),
        ({"minutes": 10**6}, "too_large"),
        ({"benefits": "x"}, "wrong_type"),
        ({"benefits": ["x"] * 21}, "too_long"),
        ({"benefits": ["nothing"]}, "unknown_benefit"),
        ({"lines": []}, "too_short"),
        ({"due_minor": 1}, "price_changed"),
    ],
)
def test_a_checkout_that_is_none(change: dict[str, Any], code: str) -> None:
    till = Till()
    assert till.checkout(**change).code == code
    assert till.balances() == FREE


def test_a_capture_of_something_else() -> None:
    till = Till()
    adjusted = done(
        act(
            till.shop,
            "adjustment",
            till.member,
            unit="points",
            points=1,
            reason="x",
            actor="y",
        )
    )
    assert end(till.shop, "capture", adjusted["id"]).code == "unknown_checkout"
    assert end(till.shop, "release", str(uuid.uuid4())).code == "unknown_activity"
    assert end(till.shop, "capture", "x").status == 422


def test_a_benefit_of_one_a_month_is_held_named_and_given_back() -> None:
    shop = Shop("tiers-in-time")
    member = shop.member()
    done(act(shop, "tier_grant", member, tier="gold", reason="x", actor="y"))

    def left() -> int:
        found = shop.get(f"members/{member}/tier").json["benefits"]
        return int(next(each["left"] for each in found if each["code"] == "free-delivery"))

    def order(kind: str, **changes: Any) -> Answer:
        body = {"reference": uuid.uuid4().hex, "lines": [TEA, POST], "benefits": ["free-delivery"]}
        return act(shop, kind, member, **{**body, **changes})

    booked = done(order("checkout", minutes=30, due_minor=30_000))
    assert [(each["code"], each["off_minor"]) for each in booked["price"]["steps"]] == [
        ("free-delivery", 1_000)
    ]
    assert left() == 0
    for refused in (order("checkout", minutes=30), order("purchase")):
        assert (refused.status, refused.code) == (409, "benefit_used_up")
        assert refused.json["next_on"] == "2026-08-01"
    without = done(order("checkout", minutes=30, benefits=[]))
    assert without.get("price", {}).get("due_minor", 31_000) == 31_000
    done(end(shop, "release", booked["id"]))
    assert left() == 1
    again = done(order("checkout", minutes=30, reference="again"))
    with set_clock(later(minutes=30)):
        assert left() == 1
    done(end(shop, "capture", again["id"]))
    assert left() == 0
    done(act(shop, "refund", of={"reference": "again"}))
    assert left() == 1
