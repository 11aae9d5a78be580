"""The sheet on which one decision is worked out.

It starts from the member's state, collects the ledger's movements and the rows to insert, and
is thrown away when the decision is refused. How points move is in :mod:`.moves`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec.structs import replace

from jifen.common.days import last_day
from jifen.earning.decisions.away import Away, away_of, lots_now
from jifen.earning.decisions.moves import SYSTEM, Moves
from jifen.earning.decisions.terms import End, ended_rows, ends_of
from jifen.earning.keeping import kept_body
from jifen.earning.record import Family, Record, Target, Usage
from jifen.earning.rules.bounds import Bound
from jifen.earning.rules.pending import Confirmed, Pending
from jifen.earning.rules.policy import Policy
from jifen.earning.state import ActivityRow, Decision, Item, MemberState, State
from jifen.earning.types import Award, Facts, Refusal
from jifen.ledger import services as ledger
from jifen.ledger.types import Origin, TakenLot, TransactionRow
from jifen.members.types import Recalled
from jifen.programmes.types import StoreInfo
from jifen.tiers import services as tiers
from jifen.tiers.types import StandingState
from jifen.wallet.types import CouponState

__all__ = ["SYSTEM", "Sheet", "changed_family", "facts_for", "is_birthday"]


class Sheet(Moves):
    """One activity being decided for one member (or for none)."""

    def __init__(self, state: State, item: Item, member: MemberState | None) -> None:
        standing, over = tiers.settled(member.standing if member else StandingState(), state.at)
        self.standing = standing
        self.ends: tuple[End, ...] = ends_of(over, standing) if over else ()
        """Tiers that were over when this activity came."""
        super().__init__(state, member)
        self.item = item
        self.tier_before = self.tier
        self.period: str | None = None
        """Where growth counts for a ladder by period, if not at the time of occurrence."""
        self.grown = 0
        """How much of it is counted already."""
        self.used = dict(member.used) if member else {}
        self.budgets: dict[str, int] = {}
        self.rows: list[ActivityRow] = []
        self.coupons: list[CouponState] = []
        """Coupons that were issued or changed, as they are after it."""
        self.clawed: dict[str, tuple[TakenLot, ...]] = {}
        """By unit, what refunds of this order took from other lots; see ``Family.clawed``."""
        self.pending: Mapping[str, Pending] = {}
        """What of what is given here pends, by unit."""
        self.waiting: dict[str, tuple[UUID, ...]] = {}
        """Lots that were given and wait for a delivery to be confirmed, by unit."""
        self._notices: dict[UUID, list[Refusal]] = {}
        self._recalled: dict[UUID, None] = {}
        self.away: Away | None = None
        """Whose earlier act it is about, where that member was merged into this one since."""
        if member is not None and state.merged_into:
            self.away = away_of(state, item, member, self.id)
        if self.away is not None:
            self.recall(self.away.owner.id)

    @property
    def tier(self) -> str:
        """The tier in force as the sheet stands."""
        return tiers.tier_at(self.standing, self.state.at)

    # --- points ------------------------------------------------------------------------------

    @property
    def used_at(self) -> datetime:
        """When it happened."""
        return self.item.activity.occurred_at

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
                if part.unit in self.pending:
                    origin = self._pending_origin(part.unit, origin, policy, occurred_at)
                lot_id = self.open_lot(part.unit, part.points, origin, transaction_id)
                own[part.unit] = (*own.get(part.unit, ()), lot_id)
        return own

    def open_lot(
        self, unit: str, points: int, origin: Origin, transaction_id: UUID, kind: str = "earn"
    ) -> UUID:
        """Credit points in a new lot and answer its id; of one that pends, it is told until
        when."""
        if not origin.is_pending:
            return super().open_lot(unit, points, origin, transaction_id, kind)
        before = self.account(unit).pending
        lot_id = super().open_lot(unit, points, origin, transaction_id, kind)
        how = "days"
        if isinstance(self.pending[unit], Confirmed):
            how = "latest" if origin.ripens_at else "confirmed"
            self.waiting[unit] = (*self.waiting.get(unit, ()), lot_id)
        told: dict[str, Any] = {"points": self.account(unit).pending - before, "unit": unit}
        if origin.ripens_at is not None:
            told["until"] = self._last_day(origin.ripens_at)
        if told["points"]:  # the rest paid what was owed
            self.note(transaction_id, "pending", per=how, **told)
        return lot_id

    def _pending_origin(
        self, unit: str, origin: Origin, policy: Policy, occurred_at: datetime
    ) -> Origin:
        """The origin of a lot that is spendable later. It does not end before it was spendable."""
        ripens_at = policy.ripens_at(self.pending[unit], occurred_at)
        expires_at = origin.expires_at
        if ripens_at is not None and expires_at is not None and expires_at <= ripens_at:
            expires_at = policy.expires_at(unit, ripens_at)
        if ripens_at is not None and ripens_at <= self.state.at:
            return replace(origin, expires_at=expires_at)
        return replace(origin, expires_at=expires_at, is_pending=True, ripens_at=ripens_at)

    def claw_back(
        self,
        unit: str,
        points: int,
        own: Collection[UUID],
        transaction_id: UUID,
        *,
        counted: int = 0,
    ) -> int:
        """Take back what was earned, as far as it is there; the rest is owed.

        What expired unspent from its own lots counts as taken back already, but for ``counted``,
        which did before. Answers how much counts now: less than nothing, and more is taken, where
        an expiry that counted was undone since.
        """
        before = self.account(unit)
        own = lots_now(self.state, own)
        expired = min(points, self.expired(own) - counted)
        if expired > 0:
            self.note(transaction_id, "expired_unspent", points=expired, unit=unit)
        if expired < points:
            account, movement = ledger.claw_back(
                before, points=points - expired, own=own, transaction_id=transaction_id
            )
            self._moved(unit, account, [movement])
            if account.pending < before.pending:
                removed = before.pending - account.pending
                self.note(transaction_id, "pending_removed", points=removed, unit=unit)
            taken = ledger.taken_lots(before.lots, movement.draws)
            others = tuple(part for part in taken if part.id not in own)
            # A refund gives back to lots of the account that paid: these are not in it.
            self.clawed[unit] = self.clawed.get(unit, ()) + (() if self.away else others)
        return expired

    def give_back(self, unit: str, slices: Sequence[TakenLot], policy: Policy) -> None:
        """Return points paid to their lots. ``policy`` says for how long they are good again
        where their date has passed."""
        until = policy.grace_until(unit, self.item.activity.occurred_at)
        if self.away is not None:
            movements, portions = self.away.give_back(unit, slices, until)
            self.transfer_in(unit, portions, self.id)
        else:
            account, movements, self.clawed[unit] = ledger.give_back(
                self.account(unit),
                slices=slices,
                clawed=self.clawed.get(unit, ()),
                at=self.state.at,
                transaction_id=self.id,
                until=until,
            )
            self._moved(unit, account, movements)
        for movement in movements:
            if movement.kind == "expire":
                self.note(self.id, "given_back_expired", points=-movement.amount)
            elif movement.origin.expires_at is not None:
                self.note(
                    self.id,
                    "given_back_grace",
                    points=movement.amount,
                    unit=unit,
                    until=self._last_day(movement.origin.expires_at),
                )

    def ripen(self, unit: str, lots: Collection[UUID]) -> int:
        """Make pending lots spendable now, whatever they became since."""
        return super().ripen(unit, lots_now(self.state, lots))

    def recall(self, member_id: UUID) -> None:
        """Remember that something of this member is taken back, for everybody up to the survivor:
        no merge on the way can be undone after that."""
        self._recalled.update(dict.fromkeys(self.state.line(member_id)[:-1]))

    def notices(self, transaction_id: UUID) -> tuple[Refusal, ...]:
        """What there is to say of the points that a transaction took or gave back."""
        return tuple(self._notices.get(transaction_id, ()))

    def noted(self, award: Award, transaction_id: UUID | None = None) -> Award:
        """The award with what there is to say of a transaction, the activity's own without."""
        said = self.notices(transaction_id or self.id)
        return replace(award, refusals=(*award.refusals, *said)) if said else award

    def note(self, transaction_id: UUID, code: str, **fields: Any) -> None:
        """Remember what there is to say of a transaction."""
        self._notices.setdefault(transaction_id, []).append(Refusal(code, fields=fields))

    def _last_day(self, ends_at: datetime) -> str:
        """The local day that is over at this instant."""
        return last_day(ends_at, self.state.context.policy.zone).isoformat()

    def expired(self, lots: Collection[UUID]) -> int:
        """How much of these lots expired, up to this moment."""
        before = sum([self.state.expired.get(lot, 0) for lot in lots])
        here = ledger.ends_by_lot(self.movements)
        return before + sum([here[lot].expired for lot in lots if lot in here])

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
        if self.tier != self.tier_before:
            record = replace(record, tier_before=self.tier_before)
        if self.grown and not record.period:
            record = replace(record, period=self.period or "")
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
                kept_body(item, self.member.id if self.member else None, self.state.partners),
                record,
                of_seq,
            ),
        )

    def decision(self, target: Target | None = None, *, partner: Sheet | None = None) -> Decision:
        """Everything together, with what was worked out on the sheet of a second member."""
        sheets = (self, partner) if partner else (self,)
        away = (self.away,) if self.away else ()
        return Decision(
            rows=tuple([row for sheet in sheets for row in (*sheet.rows, *ended_rows(sheet))]),
            transactions=tuple([row for each in (*sheets, *away) for row in each.transactions]),
            movements=tuple([row for each in (*sheets, *away) for row in each.movements]),
            members=(
                *[sheet.after(sheet.member) for sheet in sheets if sheet.member],
                *[each.after() for each in away],
            ),
            deeds=(Recalled(tuple(self._recalled)),) if self._recalled else (),
            budgets=self.budgets,
            target=target,
            coupons=tuple([coupon for sheet in sheets for coupon in sheet.coupons]),
        )

    def after(self, member: MemberState) -> MemberState:
        """The member's state after everything on this sheet."""
        return replace(member, standing=self.standing, accounts=self.accounts, used=self.used)

    def _use_of(self, bound: Bound) -> int:
        if bound.scope == "programme":
            return self.state.budgets.get(bound.code, 0) + self.budgets.get(bound.code, 0)
        return self.used[bound.code, bound.period]


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
        tier=sheet.tier,
        first_order=standing.purchases_kept == 0,
        is_birthday=is_birthday(member, local),
        rooms=sheet.rooms(bounds),
        segments=member.groups.segments,
        tags=member.groups.tags,
    )


def changed_family(family: Family, **changes: object) -> Family:
    """The family after one more act."""
    return replace(family, acts=family.acts + 1, **changes)


def is_birthday(member: MemberState, local: datetime) -> bool:
    """Whether this local day is the member's birthday; that of 29 February is the 28th in years
    without it."""
    born = member.birthday_on
    if born is None:
        return False
    if (born.month, born.day) == (2, 29) and not _is_leap(local.year):
        return (local.month, local.day) == (2, 28)
    return (local.month, local.day) == (born.month, born.day)


def _is_leap(year: int) -> bool:
    return year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
