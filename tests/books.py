"""The ledger alone: its movements on real rows, under the members' locks, without any activity.

An act loads the members' accounts as a booking does, settles what time has changed, moves points
and writes. Everything goes through the ledger's door.
"""

import uuid
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Any

from django.db import transaction
from tests.world import World

from jifen.common.ids import new_id
from jifen.ledger import services as ledger
from jifen.ledger.types import (
    AccountState,
    Movement,
    Origin,
    Portion,
    TakenLot,
    TransactionRow,
)
from jifen.members import services as members
from jifen.programmes import selectors as programmes

UNIT = "points"


class Act:
    """One transaction on the accounts of some members."""

    def __init__(self, at: datetime, accounts: dict[uuid.UUID, AccountState]) -> None:
        self.at = at
        self.id = new_id()
        self.accounts = accounts
        self.movements: list[Movement] = []
        self.transactions: list[TransactionRow] = []

    def settle(self, member: uuid.UUID) -> None:
        """What time has changed, in the order in which a decision does it."""
        self.accounts[member], settled, movements = ledger.settle(self.accounts[member], at=self.at)
        self.transactions += settled
        self.movements += movements

    def do(self, member: uuid.UUID, movement: Callable[..., Any], **given: Any) -> Any:
        """One movement of the ledger; answers what it answers beside the account."""
        answer = movement(self.accounts[member], transaction_id=self.id, **given)
        if answer is None:
            return None
        self.accounts[member], made, *rest = answer
        self.movements += [made] if isinstance(made, Movement) else made
        return (made, *rest) if rest else made


class Books:
    """A programme's ledger, acted upon directly. Each act is a transaction of its own."""

    def __init__(self, world: World | None = None) -> None:
        self.world = world or World()

    def member(self) -> uuid.UUID:
        """A member who has nothing."""
        return self.world.member()

    def act(
        self,
        who: Iterable[uuid.UUID],
        call: Callable[[Act], Any],
        *,
        at: datetime | None = None,
        kind: str = "test",
        debited: Sequence[uuid.UUID] | None = None,
        carried: Sequence[uuid.UUID] = (),
        reverses_id: uuid.UUID | None = None,
    ) -> Any:
        """Lock, load, settle, ``call``, write. What ``call`` raises rolls all of it back.

        All lots of ``debited`` members are loaded, which is everybody unless it is said.
        """
        at = at or self.world.at
        ids = list(who)
        with self.world.scope(), transaction.atomic():
            members.lock(ids)
            before = self._load(ids, at, ids if debited is None else debited, carried)
            act = Act(at, dict(before))
            for member in ids:
                act.settle(member)
            answer = call(act)
            if any(movement.transaction_id == act.id for movement in act.movements):
                act.transactions.append(
                    TransactionRow(act.id, kind, "tester", at, reverses_id=reverses_id)
                )
            ledger.write(
                ledger.Changes(
                    act.transactions,
                    act.movements,
                    {each.id: each for each in before.values()},
                    act.accounts.values(),
                ),
                booked_at=at,
            )
            return answer

    def _load(
        self,
        ids: Sequence[uuid.UUID],
        at: datetime,
        debited: Sequence[uuid.UUID],
        carried: Sequence[uuid.UUID],
    ) -> dict[uuid.UUID, AccountState]:
        loaded = ledger.load(members=ids, debited=debited, carried=carried, at=at)
        unit = self.unit_id
        accounts = {each.member_id: each for each in loaded if each.unit_id == unit}
        assert set(accounts) == set(ids)
        return accounts

    @property
    def unit_id(self) -> uuid.UUID:
        """The unit that is moved."""
        with self.world.scope():
            return programmes.units()[UNIT].id

    # --- acts --------------------------------------------------------------------------------

    def one(
        self,
        member: uuid.UUID,
        movement: Callable[..., Any],
        *,
        at: datetime | None = None,
        takes: bool = True,
        **given: Any,
    ) -> Any:
        """One movement of one member; ``takes`` from lots that are not due, as a rule."""
        debited = [member] if takes else []
        return self.act(
            [member], lambda act: act.do(member, movement, **given), at=at, debited=debited
        )

    def earn(
        self, member: uuid.UUID, points: int, *, at: datetime | None = None, **origin: Any
    ) -> uuid.UUID:
        """Open a lot; answers its id."""
        made: Movement = self.one(
            member, ledger.open_lot, at=at, takes=False, points=points, origin=Origin(**origin)
        )
        return made.id

    def burn(
        self, member: uuid.UUID, points: int, *, at: datetime | None = None
    ) -> tuple[TakenLot, ...]:
        """Spend; answers which lots paid."""

        def spend(act: Act) -> tuple[TakenLot, ...]:
            lots = act.accounts[member].lots
            made: Movement = act.do(member, ledger.burn, points=points)
            return ledger.taken_lots(lots, made.draws)

        return tuple(self.act([member], spend, at=at))

    def give_back(
        self, member: uuid.UUID, slices: Sequence[TakenLot], *, at: datetime | None = None
    ) -> list[Movement]:
        """Return what was paid."""

        def back(act: Act) -> list[Movement]:
            def movement(account: AccountState, **given: Any) -> Any:
                return ledger.give_back(account, **given)[:2]

            return list(act.do(member, movement, slices=slices, at=act.at))

        return list(self.act([member], back, at=at))

    def claw_back(
        self, member: uuid.UUID, points: int, *own: uuid.UUID, at: datetime | None = None
    ) -> Movement:
        """Take back."""
        made: Movement = self.one(member, ledger.claw_back, at=at, points=points, own=own)
        return made

    def hold(
        self,
        member: uuid.UUID,
        points: int,
        expires_at: datetime | None = None,
        *,
        at: datetime | None = None,
    ) -> uuid.UUID:
        """Reserve; answers the hold's id."""
        made: Movement = self.one(member, ledger.hold, at=at, points=points, expires_at=expires_at)
        return made.id

    def capture(
        self, member: uuid.UUID, hold: uuid.UUID, points: int, *, at: datetime | None = None
    ) -> tuple[TakenLot, ...]:
        """Take from a hold; answers which lots paid."""
        _, taken = self.one(member, ledger.capture, at=at, takes=False, hold_id=hold, points=points)
        return tuple(taken)

    def release(
        self,
        member: uuid.UUID,
        hold: uuid.UUID,
        points: int | None = None,
        *,
        at: datetime | None = None,
    ) -> list[Movement]:
        """Give back from a hold."""
        at = at or self.world.at
        return list(
            self.act(
                [member],
                lambda act: act.do(member, ledger.release, hold_id=hold, points=points, at=act.at),
                at=at,
                debited=[],
            )
        )

    def ripen(
        self, member: uuid.UUID, *lots: uuid.UUID, at: datetime | None = None
    ) -> Movement | None:
        """An event makes lots spendable."""
        made: Movement | None = self.act(
            [member],
            lambda act: act.do(member, ledger.ripen, lots=lots, at=act.at),
            at=at,
        )
        return made

    def waive(self, member: uuid.UUID, points: int, *, at: datetime | None = None) -> Movement:
        """Forgive."""
        made: Movement = self.one(member, ledger.waive, at=at, takes=False, points=points)
        return made

    def transfer(
        self,
        giver: uuid.UUID,
        taker: uuid.UUID,
        points: int | None,
        *,
        at: datetime | None = None,
    ) -> list[Movement]:
        """Move points, or everything, from one member to another; answers what arrived."""

        def cross(act: Act) -> list[Movement]:
            if points is None:
                answer = act.do(giver, ledger.transfer_all)
            else:
                answer = act.do(giver, ledger.transfer_out, points=points)
            if answer is None:
                return []
            return list(act.do(taker, ledger.transfer_in, portions=answer[1]))

        return list(self.act([giver, taker], cross, at=at, debited=[], carried=[giver]))

    def undo_expiry(
        self,
        member: uuid.UUID,
        portions: Sequence[Portion],
        expires_at: datetime | None,
        expired_by: uuid.UUID,
        *,
        at: datetime | None = None,
    ) -> list[Movement]:
        """Open lots again for what had expired in a transaction."""
        return list(
            self.act(
                [member],
                lambda act: act.do(
                    member, ledger.undo_expiry, portions=portions, expires_at=expires_at
                ),
                at=at,
                debited=[],
                reverses_id=expired_by,
            )
        )
