"""Where a member stands, tiers given by staff, and benefits, through HTTP: T4 and its like."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.api.shop import NOW, OPENING, Answer, Shop, later

from jifen.common.clock import set_clock
from jifen.common.scope import scope
from jifen.earning import services as earning

SHANGHAI = ZoneInfo("Asia/Shanghai")


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[arg-type,misc]


def act(kind: str, member: str, at: datetime = NOW, **body: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "occurred_at": at.isoformat(),
        "member": {"kind": "id", "value": member},
        **body,
    }


def use(shop: Shop, member: str, benefit: str, at: datetime = NOW, **body: Any) -> Answer:
    return shop.book(act("benefit_use", member, at, benefit=benefit, **body))


def stands(shop: Shop, member: str) -> dict[str, Any]:
    answer = shop.get(f"members/{member}/tier")
    assert answer.status == 200, answer.content
    return dict(answer.json)


def benefit(shop: Shop, member: str, code: str) -> dict[str, Any]:
    [found] = [each for each in stands(shop, member)["benefits"] if each["code"] == code]
    return dict(found)


def supreme(shop: Shop) -> str:
    """A member of the highest tier."""
    member = shop.member()
    assert shop.book(shop.purchase(member, 500_000, reference="big")).status == 201
    return member


def test_t4_free_delivery_is_there_once_a_month_and_a_refusal_says_when_again() -> None:
    with set_clock(NOW):
        shop = Shop("t4")
        member = supreme(shop)
        assert use(shop, member, "free-delivery").status == 201
        again = use(shop, member, "free-delivery")
        assert (again.status, again.code) == (409, "benefit_used_up")
        assert again.json["next_on"] == "2026-08-01"
        assert again.json["next_at"] == "2026-08-01T00:00:00+08:00"
        assert (again.json["quota"], again.json["used"]) == (1, 1)
    last = local(2026, 8, 1) - timedelta(seconds=1)
    with set_clock(last):
        assert use(shop, member, "free-delivery", last).code == "benefit_used_up"
    with set_clock(local(2026, 8, 1)):
        assert use(shop, member, "free-delivery", local(2026, 8, 1)).status == 201


def test_t4_one_new_item_a_week() -> None:
    monday = local(2026, 7, 6)
    with set_clock(NOW):  # a Wednesday
        shop = Shop("t4")
        member = supreme(shop)
        assert benefit(shop, member, "new-item")["rate"] == "0.8"
        assert use(shop, member, "new-item").status == 201
        again = use(shop, member, "new-item")
        assert (again.code, again.json["next_on"]) == ("benefit_used_up", "2026-07-06")
    with set_clock(monday):
        assert use(shop, member, "new-item", monday).status == 201


def test_t4_what_is_left_and_when_it_begins_anew_can_be_read() -> None:
    with set_clock(NOW):
        shop = Shop("t4")
        member = supreme(shop)
        fresh = benefit(shop, member, "free-delivery")
        assert (fresh["is_on"], fresh["quota"], fresh["used"], fresh["left"]) == (True, 1, 0, 1)
        assert fresh["next_at"] is None
        use(shop, member, "free-delivery")
        used = benefit(shop, member, "free-delivery")
        assert (used["is_on"], used["used"], used["left"]) == (False, 1, 0)
        assert datetime.fromisoformat(used["resets_at"]) == local(2026, 8, 1)
        assert used["next_at"] == used["resets_at"]


@pytest.mark.parametrize(
    ("spent_minor", "rate"),
    [(100, "0.98"), (37_999, "0.98"), (38_000, "0.95"), (200_000, "0.9"), (500_000, "0.86")],
)
def test_t1_each_tier_has_its_price(spent_minor: int, rate: str) -> None:
    with set_clock(NOW):
        shop = Shop("t4")
        member = shop.member()
        shop.book(shop.purchase(member, spent_minor))
        assert benefit(shop, member, "price")["rate"] == rate


def test_a_benefit_of_another_tier_is_refused_and_says_whose_it_is() -> None:
    with set_clock(NOW):
        shop = Shop("t4")
        member = shop.member()
        shop.book(shop.purchase(member, 200_000))
        refused = use(shop, member, "free-delivery")
        assert (refused.status, refused.code) == (409, "benefit_not_held")
        assert (refused.json["tier"], refused.json["tiers"]) == ("vip", ["supreme"])
        assert use(shop, member, "no-such").code == "unknown_benefit"
        assert use(shop, shop.member(), "free-delivery").code == "benefit_not_held"


def test_a_full_refund_gives_the_use_back_and_a_partial_one_does_not() -> None:
    with set_clock(NOW):
        shop = Shop("t4")
        member = supreme(shop)
        lines = [{"product": "tea", "quantity": 2, "amount_minor": 2_000}]
        shop.book(shop.purchase(member, 0, lines=lines, reference="order"))
        assert use(shop, member, "free-delivery", reference="order").status == 201
        twice = use(shop, member, "free-delivery", reference="order")
        assert (twice.status, twice.code) == (409, "already_done")
        refund = {"kind": "refund", "occurred_at": NOW.isoformat(), "of": {"reference": "order"}}
        assert shop.book({**refund, "lines": [{"line": 0, "quantity": 1}]}).status == 201
        assert use(shop, member, "free-delivery").code == "benefit_used_up"
        assert shop.book(refund).status == 201
        assert benefit(shop, member, "free-delivery")["left"] == 1
        assert use(shop, member, "free-delivery").status == 201


def test_staff_undoes_a_use_once() -> None:
    with set_clock(NOW):
        shop = Shop("t4")
        member = supreme(shop)
        used = use(shop, member, "free-delivery", reference="big").json["id"]
        reversal = {
            "kind": "reversal",
            "occurred_at": NOW.isoformat(),
            "of": used,
            "reason": "by mistake",
            "actor": "clerk",
        }
        assert shop.book(reversal).status == 201
        assert benefit(shop, member, "free-delivery")["left"] == 1
        assert shop.book(reversal).code == "already_done"
        # The refund of its order finds it given back.
        refund = {"kind": "refund", "occurred_at": NOW.isoformat(), "of": {"reference": "big"}}
        assert shop.book(refund).status == 201


def test_a_member_day_and_a_priority_access() -> None:
    at = local(2026, 7, 1, 12)
    with set_clock(at):
        shop = Shop("tiers-in-time", at=at)
        member = shop.member()
        shop.book(shop.purchase(member, 1_000_000, at=at))
        off = benefit(shop, member, "eighth")
        assert (off["is_on"], off["rate"], off["categories"]) == (False, "0.8", ["drinks"])
        assert datetime.fromisoformat(off["next_at"]) == local(2026, 7, 8)
        refused = use(shop, member, "eighth", at)
        assert (refused.code, refused.json["next_on"]) == ("benefit_not_today", "2026-07-08")
        assert benefit(shop, member, "first-sale")["is_on"]
        assert benefit(shop, member, "free-delivery")["quota"] == 3
    eighth = local(2026, 7, 8)
    with set_clock(eighth):
        assert benefit(shop, member, "eighth")["is_on"]
        assert use(shop, member, "eighth", eighth).status == 201


def test_the_tier_of_a_member_through_the_years() -> None:
    """A year's growth reaches gold; the next year does not keep it."""
    at = local(2026, 7, 1, 12)
    with set_clock(at):
        shop = Shop("tiers-in-time", at=at)
        member = shop.member()
        shop.book(shop.purchase(member, 320_000, at=at))
        seen = stands(shop, member)
        assert (seen["tier"], seen["why"], seen["then"]) == ("gold", "earned", "silver")
        assert datetime.fromisoformat(seen["until"]) == local(2028, 2, 1)
        assert (seen["next"]["tier"], seen["next"]["missing"]) == ("platinum", 6_800)
        assert (seen["keep"]["since"], seen["keep"]["missing"]) == ("2027", 3_000)
    with set_clock(local(2027, 5, 1)):
        shop.book(shop.purchase(member, 100_000, at=local(2027, 5, 1)))
        seen = stands(shop, member)
        assert (seen["keep"]["counted"], seen["keep"]["missing"]) == (1_000, 2_000)
        # All growth that ever was carries on to platinum, which nobody was yet.
        assert (seen["next"]["counted"], seen["next"]["missing"]) == (4_200, 5_800)
    last = local(2028, 2, 1) - timedelta(microseconds=1)
    with set_clock(last):
        assert stands(shop, member)["tier"] == "gold"
        assert shop.get(f"members/{member}").json["tier"] == "gold"
    with set_clock(local(2028, 2, 1)):
        seen = stands(shop, member)
        assert (seen["tier"], seen["until"], seen["keep"]) == ("silver", None, None)
        # Gold was reached once: from now on the growth of one year brings it back.
        assert (seen["next"]["since"], seen["next"]["missing"]) == ("2028", 3_000)
        assert shop.get(f"members/{member}").json["tier"] == "silver"
        assert shop.get("members").json["members"][0]["tier"] == "silver"


def test_the_job_books_the_end_and_the_timeline_explains_it() -> None:
    at = local(2026, 7, 1, 12)
    with set_clock(at):
        shop = Shop("tiers-in-time", at=at)
        member = shop.member()
        shop.book(shop.purchase(member, 320_000, at=at))
    night = local(2028, 2, 1, 3)
    with set_clock(night):
        with scope(shop.programme.id):
            assert earning.end_periods(at=night) == 1
            assert earning.end_periods(at=night) == 0
        newest = shop.get(f"members/{member}/activities?limit=1").json["activities"][0]
        assert (newest["kind"], newest["tier"]) == ("tier_lowered", "silver")
        assert datetime.fromisoformat(newest["occurred_at"]) == local(2028, 2, 1)
        told = shop.get(f"activities/{newest['id']}/explain").json["sentences"]
        assert told[0] == (
            "The time of tier gold was over with 2028-01-31: "
            "0 growth in 2027 do not keep it; now silver"
        )
        chinese = shop.get(f"activities/{newest['id']}/explain", Accept_Language="zh").json
        assert chinese["sentences"][0] == (
            "等级 gold 于 2028-01-31 到期：2027 获得 0 成长值，未能保级，现为 silver"
        )


def grant(shop: Shop, member: str, tier: str = "vip", at: datetime = NOW, **body: Any) -> Answer:
    """Staff gives a tier."""
    given = act("tier_grant", member, at, tier=tier, reason="a friend", actor="boss", **body)
    return shop.book(given)


def test_staff_gives_a_tier_until_a_time_and_ends_it() -> None:
    with set_clock(NOW):
        shop = Shop("t4")
        member = shop.member()
        until = local(2026, 9, 1)
        answer = grant(shop, member, until=until.isoformat())
        assert (answer.status, answer.json["tier"]) == (201, "vip")
        seen = stands(shop, member)
        assert (seen["tier"], seen["why"], seen["reason"]) == ("vip", "manual", "a friend")
        assert datetime.fromisoformat(seen["until"]) == until
        assert seen["then"] == ""
        told = shop.get(f"activities/{answer.json['id']}/explain").json["sentences"]
        assert told[0] == "boss gave the tier vip until 2026-09-01 00:00: a friend"
        # An order is priced and multiplied by it, and earns its own tier below.
        shop.book(shop.purchase(member, 38_000))
        assert stands(shop, member)["then"] == "senior"
        end = act("tier_grant_end", member, reason="a mistake", actor="boss")
        assert shop.book(end).json["tier"] == "senior"
        assert shop.book(end).code == "no_tier_granted"
        assert stands(shop, member)["why"] == "earned"


def test_a_tier_given_ends_by_itself() -> None:
    with set_clock(NOW):
        shop = Shop("t4")
        member = shop.member()
        grant(shop, member, until=later(days=3).isoformat())
    with set_clock(later(days=3)):
        assert stands(shop, member)["tier"] == ""
        with scope(shop.programme.id):
            assert earning.end_periods(at=later(days=3)) == 1
        [newest, *_] = shop.get(f"members/{member}/activities").json["activities"]
        told = shop.get(f"activities/{newest['id']}/explain").json["sentences"]
        assert told[0] == "The tier vip that was given was over with 2026-07-04; now no tier"


def test_what_is_wrong_with_a_tier_given_has_its_name() -> None:
    with set_clock(NOW):
        shop = Shop("t4")
        member = shop.member()
        assert grant(shop, member, "no-such").code == "unknown_tier"
        early = grant(shop, member, until=NOW.isoformat())
        assert (early.status, early.code) == (422, "ends_too_early")
        naive = grant(shop, member, until="2026-09-01T00:00:00")
        assert naive.code == "time_without_zone"
        weak = shop.new_key(rights={"activities.write"})
        given = act("tier_grant", member, tier="vip", reason="r", actor="a")
        assert shop.book(given).status == 201
        refused = shop.post("activities", given, key=weak, Idempotency_Key="weak")
        assert (refused.status, refused.code) == (403, "forbidden_right")
        ended = act("tier_grant_end", member, reason="r", actor="a")
        assert shop.post("activities", ended, key=weak, Idempotency_Key="w2").status == 403


def test_where_nobody_stands() -> None:
    with set_clock(NOW):
        shop = Shop("e1")  # without a ladder
        member = shop.member()
        seen = stands(shop, member)
        assert (seen["tier"], seen["why"], seen["next"], seen["benefits"]) == ("", "none", None, [])
        unknown = shop.get("members/0197f3a0-7c00-7000-8000-000000000001/tier")
        assert (unknown.status, unknown.code) == (404, "unknown_member")
        blind = shop.new_key(rights={"activities.read"})
        assert shop.get(f"members/{member}/tier", key=blind).status == 403
    assert OPENING.year < NOW.year
