"""The worked examples of the wallet's pages are played, act by act, and compared.

As the other pages' (:mod:`tests.docs.examples`), with more acts: ``top-up A of 250.00``, ``refund
of top-up A: 60.00``, ``conversion wash × 2``, ``use of pass wash at other``, ``gold given``, and
orders and checkouts whose lines are ``2 tea for 120.01``, bought ``at member prices``, ``with`` a
kind of coupon that is issued for them, ``using`` a benefit, ``paying 500 points``,
``stored 33.00``, ``for 30 minutes``. A table with a column ``step`` is the price of the order
before it.
"""

import re
import tomllib
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from tests.docs.examples import COLUMNS, Example, Player, examples, minor, refusal, told_number
from tests.docs.pages import DOCS, Row, Table, written
from tests.wallets import Purse
from tests.world import ref

from jifen.earning.standing import tier_of
from jifen.earning.types import Activity, Booked, Checkout, Line, Purchase, TierGrant, TopUp
from jifen.wallet.types import Price

PAGES = ("wallet", "checkout")
EXAMPLES = [found for name in PAGES for found in examples(DOCS / f"{name}.md")]
ORDER = re.compile(
    r"(?P<kind>order|checkout) (?P<name>\w+) of (?P<lines>[^,]+?)"
    r"(?P<tier>, at member prices)?(?P<coupons>(?:, with \w+)*)(?P<benefits>(?:, using \w+)*)"
    r"(?:, paying (?P<points>[0-9,]+) points)?(?:,? stored (?P<stored>[0-9.,]+))?"
    r"(?:, for (?P<minutes>\d+) minutes)?"
)


class Customer(Player):
    """A player with stored value, coupons, passes and whatever else there is to own."""

    def __init__(self, rules: str) -> None:
        self.world = self.purse = Purse(tomllib.loads(rules))
        self.member = self.world.member()
        self.orders: dict[str, Purchase] = {}
        self.top_ups: dict[str, TopUp] = {}
        self.checkouts: dict[str, uuid.UUID] = {}
        self.coupons: dict[str, str] = {}
        self.price: Price | None = None
        self.at = self.world.at

    def play(self, row: Row) -> None:
        super().play(row)
        if (match := ORDER.fullmatch(row["act"])) is not None:
            with self.world.scope():
                self.remember(match["name"])

    def remember(self, name: str) -> None:
        """What the order that was just booked cost, and its id."""
        from jifen.earning.models import Activity as Row
        from jifen.earning.record import RECORDS

        row = Row.objects.filter(reference=self.orders[name].reference).order_by("id").first()
        if row is not None:
            self.checkouts[name] = row.id
            self.price = RECORDS.decode(row.record).price

    def steps(self, columns: list[str]) -> Table:
        """The price of the last order as a table."""
        assert self.price is not None
        found = [
            {
                "step": step.step,
                "code": step.code,
                "before": money(step.before_minor),
                "off": money(step.off_minor),
                "after": money(step.after_minor),
                "lines": " + ".join(money(part) for part in step.lines),
            }
            for step in self.price.steps
        ]
        return [{name: row[name] for name in columns} for row in found]

    def _activity(self, act: str) -> Activity:
        match = ORDER.fullmatch(act)
        if match is not None:
            return self._bought(match)
        for pattern, make in ACTS:
            found = re.fullmatch(pattern, act)
            if found is not None:
                return make(self, **found.groupdict())
        return super()._activity(act)

    def _bought(self, match: re.Match[str]) -> Activity:
        codes = [self._coupon(kind) for kind in re.findall(r"with (\w+)", match["coupons"])]
        means: dict[str, Any] = {
            "coupons": tuple(codes),
            "points_paid": minor(match["points"] or "0"),
            "stored_minor": minor(match["stored"] or "0"),
            "member_prices": bool(match["tier"]),
            "benefits": tuple(re.findall(r"using (\w+)", match["benefits"])),
            "occurred_at": self.at,
        }
        lines = [line(text) for text in match["lines"].split(" + ")]
        order = self.world.purchase(self.member, *lines, **means)
        self.orders[match["name"]] = order
        if match["kind"] == "order":
            return order
        return Checkout(
            key=uuid.uuid4().hex,
            reference=order.reference,
            lines=order.lines,
            member=ref(self.member),
            minutes=int(match["minutes"]),
            **means,
        )

    def _coupon(self, kind: str) -> str:
        """A coupon of this kind: the one that is there, or a new one."""
        if kind not in self.coupons or self.coupon(kind) != "issued":
            issue = self.purse.issue(kind, self.member, occurred_at=self.at)
            [issued] = self.world.booked(issue, at=self.at).coupons
            self.coupons[kind] = issued.code
        return self.coupons[kind]

    def coupon(self, kind: str) -> str:
        """How the coupon of a kind stands."""
        return self.purse.coupon_info(self.coupons[kind], at=self.at).status

    def _top_up(self, name: str, amount: str) -> Activity:
        self.top_ups[name] = self.purse.top_up(self.member, minor(amount), occurred_at=self.at)
        return self.top_ups[name]

    def _pay_out(self, name: str, amount: str | None) -> Activity:
        asked = minor(amount) if amount else None
        return self.purse.pay_out(self.top_ups[name], asked, occurred_at=self.at)

    def _convert(self, code: str, times: str | None) -> Activity:
        return self.purse.convert(self.member, code, int(times or 1), occurred_at=self.at)

    def _use_pass(self, unit: str, store: str | None) -> Activity:
        return self.purse.use_pass(self.member, unit=unit, store=store, occurred_at=self.at)

    def _capture(self, name: str) -> Activity:
        return self.purse.paid(self.checkouts[name], occurred_at=self.at)

    def _release(self, name: str) -> Activity:
        return self.purse.dropped(self.checkouts[name], occurred_at=self.at)

    def _adjust(self, points: str, unit: str) -> Activity:
        return self.world.adjustment(self.member, minor(points), unit=unit, occurred_at=self.at)

    def _gold(self) -> Activity:
        return TierGrant(
            key=uuid.uuid4().hex,
            occurred_at=self.at,
            member=ref(self.member),
            tier="gold",
            reason="a friend of the house",
            actor="owner",
        )


def line(text: str) -> Line:
    """``2 tea for 120.01``; what is called shipping is that. An amount alone is one piece."""
    quantity, product, _, amount = text.split(" ") if " for " in text else ("1", "p", "", text)
    kind: Any = "shipping" if product == "shipping" else "goods"
    return Line(product, int(quantity), minor(amount), kind=kind)


def money(amount: int) -> str:
    return f"{amount // 100:,}.{amount % 100:02}"


ACTS: list[tuple[str, Callable[..., Activity]]] = [
    (r"top-up (?P<name>\w+) of (?P<amount>[0-9.,]+)", Customer._top_up),
    (r"refund of top-up (?P<name>\w+)(?:: (?P<amount>[0-9.,]+))?", Customer._pay_out),
    (r"conversion (?P<code>\w+)(?: × (?P<times>\d+))?", Customer._convert),
    (r"use of pass (?P<unit>\w+)(?: at (?P<store>\w+))?", Customer._use_pass),
    (r"capture of (?P<name>\w+)", Customer._capture),
    (r"release of (?P<name>\w+)", Customer._release),
    (r"adjustment of \+(?P<points>[0-9,]+) (?P<unit>\w+)", Customer._adjust),
    (r"gold given", Customer._gold),
]


def _holds(unit: str, name: str = "available") -> Callable[[Player, Any], str]:
    def read(player: Player, _: Any) -> str:
        return told_number(getattr(player.world.balance(player.member, unit, player.at), name))

    return read


def _due(_: Player, result: Any) -> str:
    return money(result.price.due_minor) if isinstance(result, Booked) else refusal(result)  # type: ignore[union-attr]


def _coupon(kind: str) -> Callable[[Any, Any], str]:
    return lambda player, _: player.coupon(kind)


def _left(benefit: str) -> Callable[[Any, Any], str]:
    def read(player: Any, _: Any) -> str:
        with player.world.scope():
            there = tier_of(member_id=player.member, at=player.at).benefits
        return str(next(each.left for each in there if each.code == benefit))

    return read


COLUMNS.update(
    {
        "principal": _holds("principal"),
        "bonus": _holds("bonus"),
        "wash": _holds("wash"),
        "stars": _holds("stars"),
        "held": _holds("points", "held"),
        "due": _due,
        **{f"coupon {kind}": _coupon(kind) for kind in ("cup", "ten")},
        **{f"{benefit} left": _left(benefit) for benefit in ("delivery", "new")},
    }
)


def test_there_are_examples_on_each_page() -> None:
    assert {example.page for example in EXAMPLES} == {f"{name}.md" for name in PAGES}
    assert all(example.tables for example in EXAMPLES)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda each: f"{each.page}: {each.heading}")
def test_an_example_comes_out_as_it_is_written(example: Example) -> None:
    player = Customer(example.rules)
    for table in example.tables:
        if "step" in table[0]:
            found = player.steps(list(table[0]))
            assert found == table, "\n" + written(found)
        else:
            for row in table:
                player.play(row)
    player.world.verify()
