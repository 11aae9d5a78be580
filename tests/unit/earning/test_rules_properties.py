"""Properties of every rule set: exact as fractions are, never more for less, never over a bound.

Hypothesis draws rule sets with every kind of rule, orders, refunds and histories. The reference
is written with ``fractions.Fraction`` from the words of the documentation.
"""

# ruff: noqa: DTZ001 - the rules work on naive local time

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from fractions import Fraction
from math import ceil, floor, prod
from typing import Any, get_args
from zoneinfo import ZoneInfo

from hypothesis import given
from hypothesis import strategies as st

from jifen.earning.rules.describe import sentences
from jifen.earning.rules.document import decode
from jifen.earning.rules.messages import Language
from jifen.earning.rules.policy import Policy
from jifen.earning.rules.refund import keep
from jifen.earning.types import Award, Basket, Facts, Line

NOON = datetime(2026, 6, 15, 12)
Rules = dict[str, Any]

multipliers = st.integers(0, 40_000).map(lambda scaled: f"{scaled // 10_000}.{scaled % 10_000:04}")
some_rules = st.sampled_from([[], ["r1"], ["r2"], ["r1", "r2"]])
points = st.integers(1, 30)
budgets = st.one_of(st.just({}), st.builds(lambda limit: {"budget": limit}, st.integers(1, 600)))


@st.composite
def rule_sets(draw: st.DrawFn) -> Rules:
    """Two base rules, factors, bonuses, and caps that do not cross."""
    rules: list[Rules] = [
        {"kind": "rate", "code": "r1", "points": draw(points), "per_minor": draw(points),
         "unit": "points", **draw(budgets)},
        {"kind": "bands", "code": "r2", "points": draw(points), "per_minor": draw(points),
         "unit": draw(st.sampled_from(["points", "growth"])), "bands": draw(bands()),
         "mode": draw(st.sampled_from(["marginal", "whole"])), **draw(budgets)},
    ]  # fmt: skip
    optional: list[Rules] = [
        {"kind": "category", "code": "c", "rules": draw(some_rules),
         "multipliers": {"A": draw(multipliers), "B": draw(multipliers)}},
        {"kind": "product", "code": "p", "rules": draw(some_rules),
         "multipliers": {"x": draw(multipliers)}},
        {"kind": "tier", "code": "t", "rules": draw(some_rules),
         "multipliers": {"gold": draw(multipliers)}},
        {"kind": "promotion", "code": "all", "multiplier": draw(multipliers),
         "rules": draw(some_rules)},
        {"kind": "promotion", "code": "some", "multiplier": draw(multipliers),
         "rules": draw(some_rules), "when": {"categories": ["A"], "products": ["y"]}},
        {"kind": "promotion", "code": "off", "multiplier": "9", "when": {"weekdays": [7]}},
        {"kind": "first_order", "code": "f", "points": 50, "unit": "points", **draw(budgets)},
        {"kind": "spend_threshold", "code": "s", "points": 70, "unit": "points",
         "at_least_minor": draw(st.integers(1, 800)), **draw(budgets)},
        {"kind": "exclude", "code": "e", "categories": ["B"]},
    ]  # fmt: skip
    rules += [rule for rule in optional if draw(st.booleans())]
    codes = {rule["code"] for rule in rules} & {"r1", "f", "s"}
    caps = draw(
        st.lists(
            st.tuples(
                st.sampled_from(["order", "day", "month", "member"]),
                st.integers(1, 900),
                st.sampled_from([[], ["r1"], *([code] for code in sorted(codes))]),
            ),
            max_size=3,
        )
    )
    rules += [
        {"kind": "cap", "code": f"cap{index}", "per": per, "points": limit, "unit": "points",
         "rules": only}
        for index, (per, limit, only) in enumerate(caps)
    ]  # fmt: skip
    names = {"zh": "金", "en": "Gold"}
    return {
        "rules": rules,
        "combine": draw(st.sampled_from(["multiply", "best"])),
        "rounding": {
            "mode": draw(st.sampled_from(["floor", "ceil", "half_up", "half_even"])),
            "per": draw(st.sampled_from(["order", "line"])),
        },
        "basis": {"amount": draw(st.sampled_from(["gross", "net", "paid"]))},
        "ladder": {"by": "spend", "rungs": [{"code": "gold", "name": names, "from": 1}]},
    }


@st.composite
def bands(draw: st.DrawFn) -> list[Rules]:
    """Bounds that rise and multipliers that do not fall."""
    bounds = sorted(draw(st.sets(st.integers(1, 900), max_size=3)))
    steps = sorted(
        draw(st.lists(multipliers, min_size=len(bounds) + 1, max_size=len(bounds) + 1)),
        key=Fraction,
    )
    return [
        *(
            {"up_to_minor": bound, "multiplier": multiplier}
            for bound, multiplier in zip(bounds, steps, strict=False)
        ),
        {"multiplier": steps[-1]},
    ]


@st.composite
def order_lines(draw: st.DrawFn) -> Line:
    amount = draw(st.integers(0, 500))
    return Line(
        product=draw(st.sampled_from("xyz")),
        quantity=draw(st.integers(1, 4)),
        amount_minor=amount,
        discount_minor=draw(st.integers(0, amount)),
        category=draw(st.sampled_from(["A", "B", ""])),
        kind=draw(st.sampled_from(["goods", "goods", "service", "shipping"])),
    )


orders = st.lists(order_lines(), min_size=1, max_size=5).map(tuple)
shares = st.integers(0, 10)
facts_of = st.builds(
    Facts,
    kind=st.just("purchase"),
    local=st.just(NOON),
    tier=st.sampled_from(["", "gold"]),
    first_order=st.booleans(),
)


def policy(rules: Rules) -> Policy:
    return Policy(decode(rules), 1, ZoneInfo("Asia/Shanghai"))


def basket(lines: tuple[Line, ...], share: int, of: tuple[Line, ...] | None = None) -> Basket:
    """``lines`` of an order ``of`` which points paid ``share`` tenths."""
    net_minor = sum(line.net_minor for line in of or lines)
    return Basket(lines, net_minor, net_minor - net_minor * share // 10)


# --- exact ------------------------------------------------------------------------------------


def half_even(exact: Fraction) -> int:
    return round(exact)


ROUND: Mapping[str, Callable[[Fraction], int]] = {
    "floor": floor,
    "ceil": ceil,
    "half_up": lambda exact: floor(exact + Fraction(1, 2)),
    "half_even": half_even,
}


def reference(rules: Rules, facts: Facts, given: Basket) -> dict[str, tuple[Fraction, int]]:
    """Exact and rounded result of each base rule, straight from the documentation."""
    by_kind: dict[str, list[Rules]] = {}
    for rule in rules["rules"]:
        by_kind.setdefault(rule["kind"], []).append(rule)
    excluded = [name for rule in by_kind.get("exclude", []) for name in rule["categories"]]
    amount = rules["basis"]["amount"]
    share = Fraction(1)
    if amount == "paid" and given.net_minor:
        share = Fraction(given.paid_minor, given.net_minor)
    counted = [
        (line, Fraction(line.amount_minor if amount == "gross" else line.net_minor) * share)
        for line in given.lines
        if line.kind in ("goods", "service") and line.category not in excluded
    ]
    total = sum((money for _, money in counted), Fraction())
    if not total:
        return {}
    results = {}
    for base in (*by_kind["rate"], *by_kind["bands"]):
        each = [
            money * mean(base, total) * factor(by_kind, rules["combine"], base["code"], facts, line)
            * base["points"] / base["per_minor"]
            for line, money in counted
        ]  # fmt: skip
        rounding = ROUND[rules["rounding"]["mode"]]
        exact = sum(each, Fraction())
        by_line = rules["rounding"]["per"] == "line"
        results[base["code"]] = exact, sum(map(rounding, each)) if by_line else rounding(exact)
    return results


def mean(base: Rules, total: Fraction) -> Fraction:
    if base["kind"] == "rate":
        return Fraction(1)
    earned, below = Fraction(), Fraction()
    for band in base["bands"]:
        above = min(total, Fraction(band.get("up_to_minor", total)))
        if base["mode"] == "whole" and total <= above:
            return Fraction(band["multiplier"])
        earned += max(above - below, Fraction()) * Fraction(band["multiplier"])
        below = above
    return earned / total


def factor(
    by_kind: Mapping[str, Sequence[Rules]], combine: str, base: str, facts: Facts, line: Line
) -> Fraction:
    def found(kind: str) -> list[Rules]:
        return [
            rule for rule in by_kind.get(kind, []) if not rule.get("rules") or base in rule["rules"]
        ]

    own = Fraction(1)
    for rule in found("category"):
        own = Fraction(rule["multipliers"].get(line.category, 1))
    for rule in found("product"):
        if line.product in rule["multipliers"]:
            own = Fraction(rule["multipliers"][line.product])
    rivals = [Fraction(rule["multipliers"].get(facts.tier, 1)) for rule in found("tier")]
    for rule in found("promotion"):
        chosen = not rule.get("when") or line.category == "A" or line.product == "y"
        if rule["code"] != "off" and chosen:
            rivals.append(Fraction(rule["multiplier"]))
    if combine == "best":
        return own * max(rivals, default=Fraction(1))
    return own * prod(rivals, start=Fraction(1))


@given(rules=rule_sets(), lines=orders, share=shares, facts=facts_of)
def test_exact_as_fractions_are(
    rules: Rules, lines: tuple[Line, ...], share: int, facts: Facts
) -> None:
    given_basket = basket(lines, share)
    award = policy(rules).evaluate(facts, given_basket)
    expected = reference(rules, facts, given_basket)
    found = {
        part.rule: (Fraction(*part.exact), part.rounded)
        for part in award.parts
        if part.exact is not None
    }
    assert found == expected


@given(rules=rule_sets(), lines=orders, share=shares, facts=facts_of)
def test_an_award_adds_up_and_nothing_is_silent(
    rules: Rules, lines: tuple[Line, ...], share: int, facts: Facts
) -> None:
    award = policy(rules).evaluate(facts, basket(lines, share))
    took: Counter[str] = Counter()
    for part in award.parts:
        assert part.points >= 0
        before = part.points + sum(part.bounded.values())
        assert part.rounded in (None, before)
        took.update({code.removeprefix("budget:"): cut for code, cut in part.bounded.items()})
    stated = {each.rule: each.fields["points"] for each in award.refusals if "took" in each.code}
    assert stated == took
    if not any(part.points for part in award.parts):
        assert award.refusals
    for language in get_args(Language):
        assert len(sentences(award, facts, language)) >= len(award.parts)


# --- never more for less ----------------------------------------------------------------------


@given(rules=rule_sets(), lines=orders, share=shares, facts=facts_of, data=st.data())
def test_keeping_less_never_earns_more(
    rules: Rules, lines: tuple[Line, ...], share: int, facts: Facts, data: st.DataObject
) -> None:
    """Refunds in steps: each award is at most the one before; the last is that of the union."""
    decide = policy(rules)
    whole = decide.evaluate(facts, basket(lines, share))
    kept_facts = decide.settled(facts, whole)
    assert _given(decide.evaluate(kept_facts, basket(lines, share))) == _given(whole)
    refunded: Counter[int] = Counter()
    before = whole
    for position in data.draw(st.permutations(range(len(lines)))):
        refunded[position] += data.draw(st.integers(1, lines[position].quantity))
        after = decide.evaluate(kept_facts, basket(keep(lines, refunded), share, lines))
        for unit in ("points", "growth"):
            assert after.points(unit) <= before.points(unit)
        for code, used in decide.usage(after).items():
            assert used <= decide.usage(whole)[code]
        before = after
    nothing = decide.evaluate(kept_facts, basket((), share, lines))
    assert (nothing.points("points"), nothing.points("growth")) == (0, 0)


def _given(award: Award) -> list[tuple[str, int]]:
    return [(part.rule, part.points) for part in award.parts]


# --- never over a bound -----------------------------------------------------------------------

steps = st.lists(
    st.tuples(orders, st.integers(0, 40), st.sampled_from(["", "gold"]), st.integers(0, 4)),
    min_size=1,
    max_size=8,
)


@given(rules=rule_sets(), history=steps)
def test_caps_and_budgets_hold_over_a_history(
    rules: Rules, history: list[tuple[tuple[Line, ...], int, str, int]]
) -> None:
    """Orders on many days, each followed by refunds of a piece of some earlier order."""
    decide = policy(rules)
    used: Counter[tuple[str, str]] = Counter()
    booked: list[tuple[tuple[Line, ...], Facts, Award, Counter[int]]] = []
    for lines, days, tier, pick in history:
        local = NOON + timedelta(days=days)
        rooms = {
            bound.code: bound.limit - used[bound.code, bound.period]
            for bound in decide.bounds("purchase", local)
        }
        facts = Facts("purchase", local, "", tier, not booked, rooms=rooms)
        award = decide.evaluate(facts, basket(lines, 0))
        _use(decide, used, local, {}, decide.usage(award))
        booked.append((lines, decide.settled(facts, award), award, Counter()))
        bought, old, before, refunded = booked[pick % len(booked)]
        refunded[0] = min(refunded[0] + 1, bought[0].quantity)
        after = decide.evaluate(old, basket(keep(bought, refunded), 0, bought))
        _use(decide, used, old.local, decide.usage(before), decide.usage(after))
        booked[pick % len(booked)] = (bought, old, after, refunded)


def _use(
    decide: Policy, used: Counter[tuple[str, str]], local: datetime, before: Mapping[str, int],
    after: Mapping[str, int],
) -> None:  # fmt: skip
    for bound in decide.bounds("purchase", local):
        place = (bound.code, bound.period)
        used[place] += after.get(bound.code, 0) - before.get(bound.code, 0)
        assert 0 <= used[place] <= bound.limit
