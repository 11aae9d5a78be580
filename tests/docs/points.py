"""Acts of the pages on points that wait, are held and move, beside those of ``examples``.

``delivery of A``; ``hold H of 60 for 30 minutes``, ``capture of 20 of H``, ``capture of H``,
``release of …``; ``transfer of 30 to B`` (or ``to itself``), ``B accepts``, ``B declines``, ``it is
taken back``; ``gift of 5 to 2026-06-10``, ``waiver of 30`` (or ``of all``), ``expiry undone to …``.
"""

import re
import uuid
from collections.abc import Callable
from typing import Any

from tests import acts
from tests.docs import examples
from tests.docs.examples import Player, end_of, number, told_number
from tests.docs.pages import Row

from jifen.earning.models import Activity as Kept
from jifen.earning.types import Activity
from jifen.ledger.models import Transaction


class PointsPlayer(Player):
    """One member, and B."""

    def __init__(self, rules: str) -> None:
        super().__init__(rules)
        self.other = self.world.member()

    def play(self, row: Row) -> None:
        """Do what the row says; what is told of B beside it."""
        told = {name: text for name, text in row.items() if name.startswith("B's ")}
        super().play({name: text for name, text in row.items() if name not in told})
        for name, text in told.items():
            assert COLUMNS[name](self) == text, f"{row['act']}: {name}"

    def _activity(self, act: str) -> Activity:
        self.world.at = self.at
        for pattern, make in ACTS:
            match = re.fullmatch(pattern, act)
            if match:
                return make(self, **match.groupdict())
        return super()._activity(act)

    def last(self, kind: str, **found: Any) -> uuid.UUID:
        """The id of the latest activity of a kind."""
        with self.world.scope():
            row = Kept.objects.filter(kind=kind, **found).order_by("-id").first()
        assert row is not None
        activity_id: uuid.UUID = row.id
        return activity_id

    def _delivery(self, name: str) -> Activity:
        return acts.confirmation(self.world, self.orders[name])

    def _hold(self, name: str, points: str, minutes: str) -> Activity:
        return acts.hold(
            self.world, self.member, number(points), minutes=number(minutes), reference=name
        )

    def _capture(self, name: str, points: str | None) -> Activity:
        held = self.last("hold", reference=name)
        return acts.capture(self.world, held, number(points) if points else None)

    def _release(self, name: str, points: str | None) -> Activity:
        held = self.last("hold", reference=name)
        return acts.release(self.world, held, number(points) if points else None)

    def _transfer(self, points: str, to: str) -> Activity:
        taker = self.other if to == "B" else self.member
        return acts.transfer(self.world, self.member, taker, number(points))

    def _answer(self, act: Callable[..., Activity], who: uuid.UUID) -> Activity:
        return act(self.world, self.last("transfer"), who)

    def _gift(self, points: str, until: str | None) -> Activity:
        ends = end_of(until) if until else None
        return acts.gift(self.world, self.member, number(points), expires_at=ends)

    def _waiver(self, points: str) -> Activity:
        return acts.waiver(self.world, self.member, None if points == "all" else number(points))

    def _undo(self, until: str) -> Activity:
        with self.world.scope():
            gone = Transaction.objects.filter(kind="expire").order_by("-id").first()
        assert gone is not None
        return acts.expiry_undo(self.world, self.member, gone.id, end_of(until))

    def lots_of_b(self) -> str:
        """What B has, in the order in which it came."""
        mine, self.member = self.member, self.other
        try:
            return self.open_lots()
        finally:
            self.member = mine


_SOME = r"(?:(?P<points>[0-9,]+) of )?"
ACTS: list[tuple[str, Callable[..., Activity]]] = [
    (r"delivery of (?P<name>\w+)", PointsPlayer._delivery),
    (r"hold (?P<name>\w+) of (?P<points>[0-9,]+) for (?P<minutes>[0-9,]+) minutes",
     PointsPlayer._hold),
    (rf"capture of {_SOME}(?P<name>\w+)", PointsPlayer._capture),
    (rf"release of {_SOME}(?P<name>\w+)", PointsPlayer._release),
    (r"transfer of (?P<points>[0-9,]+) to (?P<to>B|itself)", PointsPlayer._transfer),
    (r"B accepts", lambda player: player._answer(acts.acceptance, player.other)),
    (r"B declines", lambda player: player._answer(acts.decline, player.other)),
    (r"it is taken back", lambda player: player._answer(acts.decline, player.member)),
    (r"gift of (?P<points>[0-9,]+)(?: to (?P<until>[0-9-]+))?", PointsPlayer._gift),
    (r"waiver of (?P<points>all|[0-9,]+)", PointsPlayer._waiver),
    (r"expiry undone to (?P<until>[0-9-]+)", PointsPlayer._undo),
]  # fmt: skip
COLUMNS: dict[str, Callable[[PointsPlayer], str]] = {
    "B's open lots": lambda player: player.lots_of_b(),
}


def _balance(name: str) -> Callable[[Player, Any], str]:
    """The column of one of the four balances."""

    def told(player: Player, _: Any) -> str:
        return told_number(getattr(player.world.balance(player.member, "points", player.at), name))

    return told


for _name in ("pending", "held"):
    examples.COLUMNS.setdefault(_name, _balance(_name))
