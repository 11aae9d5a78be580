"""A coupon is used once and stored value is spent once, however many ask at the same moment."""

from collections.abc import Callable
from datetime import timedelta

from tests.concurrency.racing import at_once, each_alone, fresh, tally
from tests.wallets import STORED, Purse, owning

from jifen.earning.types import Activity, Booked, Line, Outcome
from jifen.wallet.models import Coupon

CUP = Line("cup", 1, 900)


def test_a_hundred_uses_of_one_coupon_succeed_once() -> None:
    """By twenty members and by nobody: no member's lock is common to them."""
    purse = Purse()
    members = [*[purse.member() for _ in range(20)], None]
    code = purse.coupon("never")
    orders = [
        purse.purchase(members[turn % len(members)], 1_000, coupons=(code,)) for turn in range(100)
    ]
    outcomes = each_alone(purse, orders)
    assert tally(outcomes) == {"booked": 1, "coupon_used": 99}
    [winner] = fresh(outcomes)
    with purse.scope():
        assert Coupon.objects.get(code=code).holder_id == winner.id
    purse.verify()


def test_a_members_coupon_is_used_once_too() -> None:
    purse = Purse()
    member = purse.member()
    code = purse.coupon("fifty", member)
    orders = [purse.purchase(member, 12_000, coupons=(code,)) for _ in range(50)]
    assert tally(each_alone(purse, orders)) == {"booked": 1, "coupon_used": 49}


def test_several_coupons_in_any_order_never_wait_in_a_ring() -> None:
    purse = Purse()
    members = [purse.member() for _ in range(16)]
    for _ in range(4):
        codes = [purse.coupon(kind) for kind in ("never", "percent", "cup")]
        orders = [
            purse.purchase(member, 5_000, CUP, coupons=tuple(codes[:: (-1) ** turn]))
            for turn, member in enumerate(members)
        ]
        outcomes = each_alone(purse, orders)
        assert tally(outcomes) == {"booked": 1, "coupon_used": 15}


def test_use_and_void_at_once_leave_one_of_them() -> None:
    purse = Purse()
    for _ in range(8):
        code = purse.coupon("never")
        acts = [purse.purchase(purse.member(), 500, coupons=(code,)) for _ in range(4)]
        voids = [purse.void(code) for _ in range(4)]
        counts = tally(each_alone(purse, [*acts, *voids]))
        assert counts.pop("booked") == 1
        assert set(counts) <= {"coupon_used", "coupon_void"}
        assert sum(counts.values()) == 7


def test_a_coupon_that_comes_back_is_used_once_again() -> None:
    purse = Purse()
    first, others = purse.member(), [purse.member() for _ in range(15)]
    code = purse.coupon("fifty")
    order = purse.order(first, 12_000, coupons=(code,))
    refund = purse.refund(order)
    again = [purse.purchase(member, 12_000, coupons=(code,)) for member in others]
    outcomes = each_alone(purse, [refund, *again])
    assert isinstance(outcomes[0], Booked)
    assert len(fresh(outcomes[1:])) <= 1
    late = [purse.purchase(member, 12_000, coupons=(code,)) for member in others]
    used = len(fresh(outcomes[1:]) + fresh(each_alone(purse, late)))
    assert used == 1
    purse.verify()


def test_a_hundred_payments_from_one_stored_balance_succeed_once() -> None:
    purse = Purse()
    member = purse.member()
    purse.saved(member, 10_000)
    orders = [purse.purchase(member, 11_000, stored_minor=11_000) for _ in range(100)]
    outcomes = each_alone(purse, orders)
    assert tally(outcomes) == {"booked": 1, "insufficient_stored_value": 99}
    assert purse.stored(member) == (0, 0)
    purse.verify()


def test_no_more_is_paid_out_than_was_paid_in() -> None:
    purse = Purse(owning(stored_value={**STORED, "spent_reward": "owe"}))
    member = purse.member()
    top_up = purse.saved(member, 10_000)
    acts: list[Activity] = [purse.pay_out(top_up, 700) for _ in range(24)]
    acts += [purse.purchase(member, 550, stored_minor=550) for _ in range(24)]
    outcomes = each_alone(purse, acts)
    out = -sum(each.points.get("principal", 0) for each in fresh(outcomes))
    assert purse.stored(member)[0] == 10_000 - out >= 0
    purse.verify()


def test_the_limit_of_a_card_holds_in_a_rush() -> None:
    purse = Purse()
    member = purse.member()
    outcomes = each_alone(purse, [purse.top_up(member, 30_000) for _ in range(20)])
    assert tally(outcomes) == {"booked": 3, "above_card_limit": 17}
    assert purse.stored(member)[0] == 90_000
    purse.verify()


def test_a_conversion_stays_within_its_day_in_a_rush() -> None:
    purse = Purse()
    member = purse.member(10_000)
    outcomes = each_alone(purse, [purse.convert(member, "wash") for _ in range(20)])
    assert tally(outcomes) == {"booked": 2, "conversions_used_up": 18}
    tomorrow = purse.at + timedelta(days=1)
    late = [purse.convert(member, "wash", occurred_at=tomorrow) for _ in range(5)]

    def call(activity: Activity) -> Callable[[], Outcome]:
        return lambda: purse.book(activity, at=tomorrow)[0]

    assert tally(at_once([call(each) for each in late])) == {
        "booked": 1,
        "conversions_used_up": 4,
    }
    purse.verify()


def test_a_pass_is_used_as_often_as_it_counts() -> None:
    purse = Purse()
    member = purse.member(600)
    purse.booked(purse.convert(member, "wash", 2))
    outcomes = each_alone(purse, [purse.use_pass(member) for _ in range(30)])
    assert tally(outcomes) == {"booked": 2, "insufficient_points": 28}
    purse.verify()


def test_one_key_of_an_issue_issues_once() -> None:
    purse = Purse()
    issue = purse.issue("never", count=20)
    outcomes = each_alone(purse, [issue] * 16)
    assert tally(outcomes) == {"booked": 1, "replayed": 15}
    assert len({coupon.code for each in outcomes for coupon in each.coupons}) == 20  # type: ignore[union-attr]
    with purse.scope():
        assert Coupon.objects.count() == 20
