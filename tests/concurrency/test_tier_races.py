"""Uses of a quota, the job that ends tiers, and live orders, all at once on real connections."""

import uuid
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.concurrency.racing import at_once, each_alone, fresh, tally
from tests.world import RATE, World, ref, rule_set, rungs

from jifen.earning import services as earning
from jifen.earning.models import Activity
from jifen.earning.types import BenefitUse, Booked, Outcome, Reversal
from jifen.tiers.models import BenefitUsage

SHANGHAI = ZoneInfo("Asia/Shanghai")
TIER = {"kind": "tier", "code": "levels", "multipliers": {"silver": "2", "gold": "3"}}


def local(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=SHANGHAI)  # type: ignore[arg-type,misc]


def world(uses: int = 1) -> World:
    """Gold by a year's spend, with free delivery so often a month."""
    delivery: dict[str, Any] = {
        "kind": "free_delivery",
        "code": "delivery",
        "name": {"zh": "免运费", "en": "Free delivery"},
        "tiers": ["gold"],
        "quota": {"uses": uses, "per": "month"},
    }
    ladder = {
        "by": "spend_period",
        "period": "year",
        "rungs": rungs(silver=1_000, gold=5_000),
        "keep": {"period": "year", "then": "by_one"},
    }
    return World(rule_set(RATE, TIER, ladder=ladder, benefits=[delivery]), at=local(2026, 6, 1))


def gold(shop: World) -> uuid.UUID:
    member = shop.member()
    assert shop.booked(shop.purchase(member, 5_000)).tier == "gold"
    return member


def use(shop: World, member: uuid.UUID, **changes: Any) -> BenefitUse:
    values = {"key": uuid.uuid4().hex, "occurred_at": shop.at, "benefit": "delivery", **changes}
    return BenefitUse(member=ref(member), **values)


def used(shop: World, member: uuid.UUID) -> int:
    with shop.scope():
        return int(BenefitUsage.objects.get(member_id=member).used)


def test_of_many_uses_at_once_the_last_of_the_quota_goes_to_one() -> None:
    shop = world(uses=3)
    member = gold(shop)
    shop.booked(use(shop, member))
    shop.booked(use(shop, member))
    outcomes = each_alone(shop, [use(shop, member) for _ in range(32)])
    assert tally(outcomes) == {"booked": 1, "benefit_used_up": 31}
    assert used(shop, member) == 3


def test_two_uses_of_the_only_one_at_once() -> None:
    shop = world()
    for _ in range(8):
        member = gold(shop)
        outcomes = each_alone(shop, [use(shop, member), use(shop, member)])
        assert tally(outcomes) == {"booked": 1, "benefit_used_up": 1}
        assert used(shop, member) == 1


def test_one_order_uses_a_benefit_once_whatever_the_keys() -> None:
    shop = world(uses=16)
    member = gold(shop)
    outcomes = each_alone(shop, [use(shop, member, reference="order") for _ in range(16)])
    assert tally(outcomes) == {"booked": 1, "already_done": 15}
    assert used(shop, member) == 1


def test_a_refund_and_a_reversal_at_once_give_one_use_back() -> None:
    shop = world(uses=2)
    for _ in range(6):
        member = gold(shop)
        order = shop.purchase(member, 700)
        shop.booked(order)
        done = shop.booked(use(shop, member, reference=order.reference))
        shop.booked(use(shop, member))
        reversal = reversal_of(shop, done)
        outcomes = each_alone(shop, [shop.refund(order), reversal])
        assert tally(outcomes)["booked"] >= 1
        assert used(shop, member) == 1


def reversal_of(shop: World, done: Booked) -> Any:
    key = uuid.uuid4().hex
    return Reversal(key=key, occurred_at=shop.at, of=done.id, reason="r", actor="a")


def told(shop: World, member: uuid.UUID, kind: str) -> int:
    with shop.scope():
        return Activity.objects.filter(member_id=member, kind=kind).count()


def test_two_jobs_at_once_book_each_end_once() -> None:
    shop = world()
    members = [gold(shop) for _ in range(24)]
    night = local(2028, 1, 1)

    def job() -> int:
        with shop.scope():
            return sum(earning.end_periods(at=night, limit=5) for _ in range(12))

    assert sum(at_once([job] * 4)) == len(members)
    assert {told(shop, member, "tier_lowered") for member in members} == {1}


def test_the_job_against_live_orders() -> None:
    """Whoever comes first books the end; every order is multiplied by the tier of the time."""
    shop = world()
    members = [gold(shop) for _ in range(8)]
    midnight = local(2028, 1, 1)

    def job() -> list[Outcome]:
        with shop.scope():
            for _ in range(6):
                earning.end_periods(at=midnight, limit=3)
        return []

    def live(member: uuid.UUID) -> Any:
        orders = [shop.purchase(member, 100, occurred_at=midnight) for _ in range(3)]
        return lambda: [shop.book(order, at=midnight)[0] for order in orders]

    answers = at_once([job, job, *[live(member) for member in members]])
    booked = fresh([outcome for answer in answers for outcome in answer])
    assert [each.points for each in booked] == [{"points": 2}] * 24
    assert {told(shop, member, "tier_lowered") for member in members} == {1}
    assert {shop.tier(member, midnight + timedelta(days=1)) for member in members} == {"silver"}
    shop.verify()
