"""The points of one decision: every way to move them is a method here.

So each first settles what time has changed in the account that it touches, and each shows in the
balances of the answer. The ledger's own pure movements do the work.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from jifen.common.ids import new_id
from jifen.earning.state import MemberState, State
from jifen.earning.types import Balance
from jifen.ledger import services as ledger
from jifen.ledger.types import (
    SYSTEM,
    AccountState,
    Arrived,
    Movement,
    Origin,
    Portion,
    TakenLot,
    TransactionRow,
)

__all__ = ["SYSTEM", "Moves"]
_USES: Final = frozenset(
    {
        *("adjust_up", "burn", "earn", "give_back", "hold", "top_up"),
        *("transfer_in", "transfer_out", "undo_expiry"),
    }
)
"""Movements that use an account: they give points, or the member spends some. What time does to it
does not, nor does what only takes something back."""


class Moves:
    """A member's accounts while one activity is decided, and what has moved in them.

    Movements that are asked for are booked in the transaction ``id``, which the decision opens;
    what time alone has done gets transactions of its own.
    """

    def __init__(self, state: State, member: MemberState | None) -> None:
        self.state = state
        self.id = new_id()
        self.member = member
        self.accounts: dict[str, AccountState] = dict(member.accounts) if member else {}
        self.transactions: list[TransactionRow] = []
        self.movements: list[Movement] = []
        self._touched: dict[str, None] = {}
        self._moved_by: dict[UUID, dict[str, int]] = {}

    @property
    def owner(self) -> MemberState:
        """The member; points move for a member only."""
        if self.member is None:
            raise RuntimeError("a decision without a member moves no points")
        return self.member

    def account(self, unit: str) -> AccountState:
        """The member's account of ``unit`` as it stands now; made when it is not there.

        In this order: holds that have ended are released, ripe lots become spendable, due lots
        are closed.
        """
        if unit in self._touched:
            return self.accounts[unit]
        self._touched[unit] = None
        account = self.accounts.get(unit)
        if account is None:
            account = AccountState(new_id(), self.owner.id, self.state.context.unit(unit).id)
        elif account.lots or account.holds:
            account, settled, movements = ledger.settle(account, at=self.state.at)
            self.transactions.extend(settled)
            self.movements.extend(movements)
        self.accounts[unit] = account
        return account

    def open_lot(
        self, unit: str, points: int, origin: Origin, transaction_id: UUID, kind: str = "earn"
    ) -> UUID:
        """Credit points in a new lot, pending if its origin says so, and answer its id."""
        account, movement = ledger.open_lot(
            self.account(unit),
            points=points,
            origin=origin,
            transaction_id=transaction_id,
            kind=kind,
        )
        self._moved(unit, account, [movement])
        return movement.id

    def burn(self, unit: str, points: int, *, kind: str = "burn") -> tuple[TakenLot, ...]:
        """Take points, or raise; answers which lots paid, in the order they were taken."""
        before = self.account(unit)
        account, movement = ledger.burn(before, points=points, transaction_id=self.id, kind=kind)
        self._moved(unit, account, [movement])
        return ledger.taken_lots(before.lots, movement.draws)

    def pay_out(self, unit: str, lots: Collection[UUID], points: int) -> None:
        """Take points of these lots out of the programme, or raise: no other lot pays."""
        account, movement = ledger.pay_out(
            self.account(unit), lots=lots, points=points, transaction_id=self.id
        )
        self._moved(unit, account, [movement])

    def ripen(self, unit: str, lots: Collection[UUID]) -> int:
        """Make pending lots spendable now; answers how many points that are. Lots that are not
        pending any more are left out."""
        before = self.account(unit)
        step = ledger.ripen(before, lots=lots, at=self.state.at, transaction_id=self.id)
        if step is None:
            return 0
        account, movement = step
        self._moved(unit, account, [movement])
        return before.pending - account.pending

    def hold(self, unit: str, points: int, *, expires_at: datetime | None) -> UUID:
        """Reserve points, or raise; answers the hold's id."""
        account, movement = ledger.hold(
            self.account(unit), points=points, expires_at=expires_at, transaction_id=self.id
        )
        self._moved(unit, account, [movement])
        return movement.id

    def capture(self, unit: str, hold_id: UUID, points: int | None = None) -> tuple[TakenLot, ...]:
        """Burn points of a hold (all of it without), or raise; answers which lots paid, in the
        order they were taken. What is left stays held."""
        account = self.account(unit)
        if points is None:
            points = ledger.find_hold(account, hold_id).remaining
        account, movement, taken = ledger.capture(
            account, hold_id=hold_id, points=points, transaction_id=self.id
        )
        self._moved(unit, account, [movement])
        return taken

    def release(self, unit: str, hold_id: UUID, points: int | None = None) -> int:
        """Return points of a hold (all of it without) to their lots, or raise; answers how many
        expired at once."""
        account, movements = ledger.release(
            self.account(unit),
            hold_id=hold_id,
            points=points,
            at=self.state.at,
            transaction_id=self.id,
        )
        self._moved(unit, account, movements)
        return -sum(movement.amount for movement in movements)

    def transfer_out(self, unit: str, points: int) -> tuple[Portion, ...]:
        """Take points out of the account, or raise; answers what crosses, for ``transfer_in`` of
        the other member's sheet. The lots must have been loaded with their origins."""
        account, movement, portions = ledger.transfer_out(
            self.account(unit), points=points, transaction_id=self.id
        )
        self._moved(unit, account, [movement])
        return portions

    def transfer_in(
        self, unit: str, portions: Sequence[Portion], transaction_id: UUID
    ) -> tuple[UUID, ...]:
        """Open a lot for each portion that crosses, in the transaction that took them out, and
        answer their ids; or give it back to the lot that it had been. What is owed is paid first.
        """
        account, movements = ledger.transfer_in(
            self.account(unit), portions=portions, transaction_id=transaction_id
        )
        self._moved(unit, account, movements)
        return tuple(movement.id for movement in movements)

    def transfer_all(self, unit: str, transaction_id: UUID) -> tuple[tuple[TakenLot, Portion], ...]:
        """Take everything out of the account's lots, also what is pending, in a transaction of the
        other member's sheet; answers what crosses, each with the lot that it was."""
        before = self.account(unit)
        step = ledger.transfer_all(before, transaction_id=transaction_id)
        if step is None:
            return ()
        account, movement, portions = step
        self._moved(unit, account, [movement])
        return tuple(zip(ledger.taken_lots(before.lots, movement.draws), portions, strict=True))

    def transfer_back(self, unit: str, arrived: Sequence[Arrived]) -> tuple[Portion, ...]:
        """Take out again what had arrived, or raise; answers what crosses."""
        account, movement, portions = ledger.transfer_back(
            self.account(unit), arrived=arrived, transaction_id=self.id
        )
        self._moved(unit, account, [movement])
        return portions

    def forfeit(self, unit: str) -> None:
        """Close every lot of the account before its time."""
        step = ledger.forfeit(self.account(unit), transaction_id=self.id)
        if step is not None:
            account, movement = step
            self._moved(unit, account, [movement])

    def take_over(self, unit: str, points: int) -> tuple[TakenLot, ...]:
        """Pay what somebody else owed, as far as it is there; the rest is owed here. Answers which
        lots paid."""
        before = self.account(unit)
        account, movement = ledger.claw_back(before, points=points, own=(), transaction_id=self.id)
        self._moved(unit, account, [movement])
        return ledger.taken_lots(before.lots, movement.draws)

    def waive(self, unit: str, points: int) -> None:
        """Forgive points that are owed, or raise."""
        account, movement = ledger.waive(self.account(unit), points=points, transaction_id=self.id)
        self._moved(unit, account, [movement])

    def undo_expiry(
        self, unit: str, portions: Sequence[Portion], *, expires_at: datetime | None
    ) -> tuple[UUID, ...]:
        """Open lots again for what had expired, and answer their ids. The decision's transaction
        must name the one in which they expired as ``reverses_id``."""
        account, movements = ledger.undo_expiry(
            self.account(unit), portions=portions, expires_at=expires_at, transaction_id=self.id
        )
        self._moved(unit, account, movements)
        return tuple(movement.id for movement in movements)

    # --- what has moved ----------------------------------------------------------------------

    def points(self, transaction_id: UUID) -> dict[str, int]:
        """What a transaction has moved so far, by unit."""
        return self._moved_by.get(transaction_id, {})

    def balances(self) -> tuple[Balance, ...]:
        """The touched accounts as they read now. Also what came late counts as its date says:
        past it, or ripe by now."""
        at = self.state.at
        return tuple(
            [Balance(unit, *ledger.read(self.accounts[unit], at=at)) for unit in self._touched]
        )

    @property
    def used_at(self) -> datetime:
        """When the accounts are used that this moves something in."""
        return self.state.at

    def _moved(self, unit: str, account: AccountState, movements: Sequence[Movement]) -> None:
        idles = self.state.context.policy.idle_units
        if unit in idles or account.idle_at is not None:
            account = self._used(unit, account, movements)
        self.accounts[unit] = account
        self.movements.extend(movements)
        for movement in movements:
            if movement.amount:
                sums = self._moved_by.setdefault(movement.transaction_id, {})
                sums[unit] = sums.get(unit, 0) + movement.amount

    def _used(
        self, unit: str, account: AccountState, movements: Sequence[Movement]
    ) -> AccountState:
        """The account with the time at which it ends if nobody uses it again; never an earlier one
        than it had, and none where the policy in force has none."""
        if all(movement.kind not in _USES for movement in movements):
            return account
        idle_at = self.state.context.policy.idle_at(unit, self.used_at)
        if idle_at is not None and account.idle_at is not None:
            idle_at = max(idle_at, account.idle_at)
        return replace(account, idle_at=idle_at)
