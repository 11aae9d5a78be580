"""The sheet on which one decision is worked out.

It starts from the member's state, collects the ledger's movements and the rows to insert, and
is thrown away when the decision is refused. Every way to move points of a decision is a method
here, so each closes lots that are due first and each shows in the balances of the answer.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from msgspec.structs import replace

from jifen.common.ids import new_id
from jifen.earning.record import Family, Record, Target, Usage
from jifen.earning.rules.bounds import Bound
from jifen.earning.rules.policy import Policy
from jifen.earning.state import ActivityRow, Decision, Item, MemberState, State
from jifen.earning.types import Award, Balance, Facts
from jifen.ledger import services as ledger
from jifen.ledger.types import AccountState, Movement, Origin, TakenLot, TransactionRow
from jifen.programmes.types import StoreInfo
from jifen.tiers.types import StandingState

SYSTEM = "jifen"
"""The actor of movements that nobody asked for, such as an expiry."""


class Sheet:
    """One activity being decided for one member (or for none)."""

    def __init__(self, state: State, item: Item, member: MemberState | None) -> None:
        self.state = state
        self.item = item
        self.id = new_id()
        self.member = member
        self.accounts: dict[str, AccountState] = dict(member.accounts) if member else {}
        self.standing = member.standing if member else StandingState()
        self.used = dict(member.used) if member else {}
        self.budgets: dict[str, int] = {}
        self.rows: list[ActivityRow] = []
        self.transactions: list[TransactionRow] = []
        self.movements: list[Movement] = []
        self.clawed: dict[str, tuple[TakenLot, ...]] = {}
        """By unit, what refunds of this order took from other lots; see ``Family.clawed``."""
        self._touched: dict[str, None] = {}
        self._moved_by: dict[UUID, dict[str, int]] = {}

    @property
    def owner(self) -> MemberState:
        """The member; points move for a member only."""
        if self.member is None:
            raise RuntimeError("a decision without a member moves no points")
        return self.member

    # --- points ------------------------------------------------------------------------------

    def account(self, unit: str) -> AccountState:
        """The member's account of ``unit``, its due lots closed; made when it is not there."""
        if unit in self._touched:
            return self.accounts[unit]
        self._touched[unit] = None
        account = self.accounts.get(unit)
        if account is None:
            account = AccountState(new_id(), self.owner.id, self.state.context.unit(unit).id)
        elif account.lots:
            account = self._close_due(account)
        self.accounts[unit] = account
        return account

    def give(
        self,
        award: Award,
        *,
        policy: Policy,
        transaction_id: UUID,
        store: StoreInfo | None = None,
        occurred_at: datetime | None = None,
    ) -> dict[str, tuple[UUID, ...]]:
        """Open a lot for each part of the award; answers the lots' ids by unit.

        ``store`` and ``occurred_at`` are where and when it was earned; the activity's own without.
        """
        own: dict[str, tuple[UUID, ...]] = {}
        store = store or self.item.store
        occurred_at = occurred_at or self.item.activity.occurred_at
        for part in award.parts:
            if part.points:
                origin = Origin(
                    part.rule,
                    store.id,
                    store.merchant_id,
                    policy.expires_at(part.unit, occurred_at),
                )
                lot_id = self.open_lot(part.unit, part.points, origin, transaction_id)
                own[part.unit] = (*own.get(part.unit, ()), lot_id)
        return own

    def open_lot(
        self, unit: str, points: int, origin: Origin, transaction_id: UUID, kind: str = "earn"
    ) -> UUID:
        """Credit points in a new lot and answer its id."""
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
        return _taken(before, movement)

    def claw_back(
        self, unit: str, points: int, own: Collection[UUID], transaction_id: UUID
    ) -> None:
        """Take back what was earned, as far as it is there; the rest is owed."""
        before = self.account(unit)
        account, movement = ledger.claw_back(
            before, points=points, own=own, transaction_id=transaction_id
        )
        self._moved(unit, account, [movement])
        others = tuple(part for part in _taken(before, movement) if part.id not in own)
        self.clawed[unit] = self.clawed.get(unit, ()) + others

    def give_back(self, unit: str, slices: Sequence[TakenLot]) -> int:
        """Return paid points to their lots; answers how many expired at once."""
        account, movements, self.clawed[unit] = ledger.give_back(
            self.account(unit),
            slices=slices,
            clawed=self.clawed.get(unit, ()),
            at=self.state.at,
            transaction_id=self.id,
        )
        self._moved(unit, account, movements)
        return -sum(movement.amount for movement in movements[1:])

    # --- bounds ------------------------------------------------------------------------------

    def rooms(self, bounds: Iterable[Bound]) -> dict[str, int]:
        """What each bound still allows. A limit lowered below its use allows nothing; the
        award then states what the bound took."""
        return {bound.code: max(bound.limit - self._use_of(bound), 0) for bound in bounds}

    def use(
        self, bounds: Iterable[Bound], before: Mapping[str, int], after: Mapping[str, int]
    ) -> tuple[Usage, ...]:
        """Change the bounds' use from what one award used to what another uses."""
        changes: list[Usage] = []
        for bound in bounds:
            points = after.get(bound.code, 0) - before.get(bound.code, 0)
            if points:
                changes.append(Usage(bound.code, bound.period, points))
                if bound.scope == "programme":
                    self.budgets[bound.code] = self.budgets.get(bound.code, 0) + points
                else:
                    place = (bound.code, bound.period)
                    self.used[place] += points
        return tuple(changes)

    # --- the result --------------------------------------------------------------------------

    def transaction(
        self, kind: str, *, actor: str = "", reason: str = "", reverses_id: UUID | None = None
    ) -> None:
        """Open the activity's transaction. Left out when nothing moves."""
        self.transactions.append(
            TransactionRow(
                self.id,
                kind,
                actor or self.item.caller.name,
                self.item.activity.occurred_at,
                reason,
                reverses_id,
            )
        )

    def row(
        self,
        record: Record,
        *,
        kind: str,
        version: int,
        reference: str | None = None,
        of_id: UUID | None = None,
        once_key: str | None = None,
        of_seq: int | None = None,
    ) -> None:
        """Put the activity's own row before those of what it caused."""
        item = self.item
        if self.member is not None and self.member.standing.tier != self.standing.tier:
            record = replace(record, tier_before=self.member.standing.tier)
        self.rows.insert(
            0,
            ActivityRow(
                self.id,
                kind,
                item.caller.client_id,
                item.activity.key,
                item.digest,
                self.member.id if self.member else None,
                item.store.id,
                reference,
                of_id,
                once_key,
                version,
                item.activity.occurred_at,
                item.body,
                record,
                of_seq,
            ),
        )

    def points(self, transaction_id: UUID) -> dict[str, int]:
        """What a transaction has moved so far, by unit."""
        return self._moved_by.get(transaction_id, {})

    def balances(self) -> tuple[Balance, ...]:
        """The touched accounts as they stand now; what was past its date when it came (a late
        booking) is not spendable."""
        accounts = [(unit, self.accounts[unit]) for unit in self._touched]
        at = self.state.at
        return tuple(
            Balance(
                unit,
                state.available
                - sum([lot.remaining for lot in state.lots if ledger.is_due(lot.expires_at, at)]),
                state.pending,
                state.held,
                state.deficit,
            )
            for unit, state in accounts
        )

    def decision(self, target: Target | None = None, *, partner: Sheet | None = None) -> Decision:
        """Everything together, with what was worked out on the sheet of a second member."""
        sheets = (self, partner) if partner else (self,)
        return Decision(
            rows=tuple([row for sheet in sheets for row in sheet.rows]),
            transactions=tuple([row for sheet in sheets for row in sheet.transactions]),
            movements=tuple([row for sheet in sheets for row in sheet.movements]),
            members=tuple([sheet.after(sheet.member) for sheet in sheets if sheet.member]),
            budgets=self.budgets,
            target=target,
        )

    def after(self, member: MemberState) -> MemberState:
        """The member's state after everything on this sheet."""
        return replace(member, standing=self.standing, accounts=self.accounts, used=self.used)

    def _use_of(self, bound: Bound) -> int:
        if bound.scope == "programme":
            return self.state.budgets.get(bound.code, 0) + self.budgets.get(bound.code, 0)
        return self.used[bound.code, bound.period]

    def _moved(self, unit: str, account: AccountState, movements: list[Movement]) -> None:
        self.accounts[unit] = account
        self.movements.extend(movements)
        for movement in movements:
            sums = self._moved_by.setdefault(movement.transaction_id, {})
            sums[unit] = sums.get(unit, 0) + movement.amount

    def _close_due(self, account: AccountState) -> AccountState:
        transaction_id = new_id()
        step = ledger.expire_due(account, at=self.state.at, transaction_id=transaction_id)
        if step is None:
            return account
        account, movement = step
        self.movements.append(movement)
        self.transactions.append(TransactionRow(transaction_id, "expire", SYSTEM, self.state.at))
        return account


def facts_for(
    sheet: Sheet,
    *,
    kind: str,
    local: datetime,
    store: StoreInfo | None = None,
    bounds: Iterable[Bound] = (),
) -> Facts:
    """The inputs of the rules as they are now; with no member, those of a stranger. ``store`` is
    where it happened, the activity's own without."""
    member, standing = sheet.member, sheet.standing
    place = (store or sheet.item.store).code
    if member is None:
        return Facts(kind=kind, local=local, store=place)
    return Facts(
        kind=kind,
        local=local,
        store=place,
        tier=standing.tier,
        first_order=standing.purchases_kept == 0,
        is_birthday=_is_birthday(member, local),
        rooms=sheet.rooms(bounds),
    )


def _taken(before: AccountState, movement: Movement) -> tuple[TakenLot, ...]:
    """The lots that a movement drew from, in order, as they were before it."""
    lots = {lot.id: lot for lot in before.lots}
    return tuple(
        TakenLot(draw.lot_id, lots[draw.lot_id].seq, lots[draw.lot_id].expires_at, draw.amount)
        for draw in movement.draws
    )


def changed_family(family: Family, **changes: object) -> Family:
    """The family after one more act."""
    return replace(family, acts=family.acts + 1, **changes)


def _is_birthday(member: MemberState, local: datetime) -> bool:
    born = member.birthday_on
    if born is None:
        return False
    if (born.month, born.day) == (2, 29) and not _is_leap(local.year):
        return (local.month, local.day) == (2, 28)
    return (local.month, local.day) == (born.month, born.day)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
