"""Which purchase a returned piece came from, when the credit note does not say. Pure.

The customer's latest earlier purchase of the same product gives first, and of one purchase the
last line first: a stack for each customer and product.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from jifen.earning.types import OrderRef, Refund, RefundLine
from jifen.faces.importing.plan import Item


class Part(NamedTuple):
    """``quantity`` pieces of the line at position ``line`` (from 0) of an order."""

    order: str
    line: int
    quantity: int


class Shelf:
    """What each customer bought and has not returned, the latest on top."""

    def __init__(self) -> None:
        self._stacks: defaultdict[tuple[str, str], list[Part]] = defaultdict(list)

    def put(self, *, customer: str, product: str, order: str, line: int, quantity: int) -> None:
        """Remember a purchase line. Call in booking order."""
        self._stacks[customer, product].append(Part(order, line, quantity))

    def take(self, *, customer: str, product: str, quantity: int) -> list[Part]:
        """Take up to ``quantity`` pieces from the top; less when there are not as many."""
        stack = self._stacks.get((customer, product), [])
        parts: list[Part] = []
        while quantity and stack:
            top = stack.pop()
            given = min(top.quantity, quantity)
            parts.append(top._replace(quantity=given))
            quantity -= given
            if given < top.quantity:
                stack.append(top._replace(quantity=top.quantity - given))
        return parts


@dataclass(slots=True)
class _FromOrder:
    """What one credit note takes from one order."""

    quantities: dict[int, int] = field(default_factory=dict)
    """Pieces by the position of the order's line."""
    numbers: list[int] = field(default_factory=list)
    """The credit note's lines, as the file numbers them."""


class Taken:
    """What one credit note takes, order by order, in the order in which they were found."""

    def __init__(self) -> None:
        self._orders: dict[str, _FromOrder] = {}

    def add(self, number: int, parts: Sequence[Part]) -> None:
        """Add what the credit note's line with this file number takes."""
        for part in parts:
            found = self._orders.setdefault(part.order, _FromOrder())
            found.quantities[part.line] = found.quantities.get(part.line, 0) + part.quantity
            if number not in found.numbers[-1:]:
                found.numbers.append(number)

    def refunds(self, *, note: str, occurred_at: datetime, store: str) -> list[Item]:
        """One refund for each order."""
        return [
            Item(
                Refund(
                    key=f"credit:{note}:{order}",
                    occurred_at=occurred_at,
                    store=store,
                    of=OrderRef(order, store),
                    lines=tuple(
                        RefundLine(line, quantity)
                        for line, quantity in sorted(found.quantities.items())
                    ),
                    reference=f"{note}:{order}",
                ),
                tuple(found.numbers),
            )
            for order, found in self._orders.items()
        ]
