"""Caps and budgets are exact: never above, and used up when more is asked for."""

from tests.concurrency.racing import at_once, each_alone, earned, tally
from tests.world import NOON, RATE, World, rule_set

from jifen.earning.models import BudgetUsage, CapUsage
from jifen.earning.types import Activity, Outcome

DAILY = {"kind": "cap", "code": "daily", "per": "day", "points": 500, "unit": "points"}


def used(world: World) -> tuple[int, int]:
    """(the largest use of a cap, the use of all budgets)."""
    with world.scope():
        caps = CapUsage.objects.values_list("used", flat=True)
        budgets = BudgetUsage.objects.values_list("used", flat=True)
        return max(caps, default=0), sum(budgets)


def test_a_daily_cap_is_used_up_and_no_more() -> None:
    world = World(rule_set(RATE, DAILY))
    members = [world.member() for _ in range(3)]
    orders = [world.purchase(member, 3_300) for _ in range(24) for member in members]
    outcomes = each_alone(world, orders)
    assert tally(outcomes) == {"booked": 72}
    assert [world.available(member) for member in members] == [500] * 3
    assert used(world) == (500, 0)
    world.verify()


def test_a_budget_is_used_up_and_no_more() -> None:
    world = World(rule_set({**RATE, "budget": 1_000}))
    members = [world.member() for _ in range(16)]
    orders = [world.purchase(member, 2_300) for _ in range(6) for member in members]
    outcomes = each_alone(world, orders)
    assert tally(outcomes) == {"booked": 96}
    assert sum(world.available(member) for member in members) == earned(outcomes) == 1_000
    assert used(world) == (0, 1_000)
    world.verify()


def test_a_budget_is_exact_across_batches_and_rules() -> None:
    """Two budgets asked for in both orders by batches of many members."""
    world = World(
        rule_set(
            {**RATE, "budget": 900},
            {"kind": "behaviour", "code": "a-share", "on": "share", "points": 7, "unit": "points",
             "budget": 301},
        )
    )  # fmt: skip
    members = [world.member() for _ in range(8)]

    def batch(turn: int) -> list[Outcome]:
        some = members[turn % 8 :] + members[: turn % 8]
        orders: list[Activity] = [world.purchase(member, 1_700) for member in some]
        shares: list[Activity] = [world.behaviour(member, "share") for member in some]
        return world.book(*(*orders, *shares) if turn % 2 else (*shares, *orders))

    answers = at_once([lambda turn=turn: batch(turn) for turn in range(16)])  # type: ignore[misc]
    outcomes = [outcome for answer in answers for outcome in answer]
    assert tally(outcomes) == {"booked": 16 * 16}
    assert sum(world.available(member) for member in members) == 900 + 301
    with world.scope():
        rows = dict(BudgetUsage.objects.values_list("budget", "used"))
    assert rows == {"budget:spend": 900, "budget:a-share": 301}
    world.verify()


def test_what_refunds_free_can_be_earned_again_and_no_more() -> None:
    world = World(rule_set({**RATE, "budget": 400}, DAILY))
    members = [world.member() for _ in range(8)]
    orders = [world.purchase(member, 5_000) for member in members]
    world.book(*orders)
    assert used(world) == (50, 400)
    acts = [world.refund(order) for order in orders]
    more = [world.purchase(member, 3_000) for member in members for _ in range(4)]
    mixed: list[Activity] = []
    for turn in range(8):
        mixed += [acts[turn], *more[turn * 4 : turn * 4 + 4]]
    outcomes = each_alone(world, mixed)
    assert tally(outcomes) == {"booked": 40}
    held = sum(world.available(member) - world.balance(member).deficit for member in members)
    assert held == 400 + earned(outcomes)
    assert held <= 400
    assert used(world)[1] == held
    last = each_alone(world, [world.purchase(member, 9_000) for member in members])
    assert earned(last) == 400 - held, "the rest of the budget is given out in full"
    world.verify()


def test_a_budget_is_opened_once() -> None:
    for _ in range(3):
        world = World(rule_set({**RATE, "budget": 100}), at=NOON)
        members = [world.member() for _ in range(16)]
        outcomes = each_alone(world, [world.purchase(member, 1_000) for member in members])
        assert tally(outcomes) == {"booked": 16}
        assert earned(outcomes) == 100
        assert used(world) == (0, 100)
        world.verify()
