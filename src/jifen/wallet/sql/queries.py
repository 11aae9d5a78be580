"""The door to the wallet's statements."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, Final
from uuid import UUID

from jifen.common.sql import columns, in_transaction, statement
from jifen.wallet.types import CouponState

_HERE: Final = Path(__file__).parent
UPDATE_COUPONS: Final = "update_coupons"


def load_coupons(*, codes: Collection[str], ids: Collection[UUID], lock: bool) -> list[CouponState]:
    """Coupons by code or id; locked in id order when the caller means to change them."""
    if lock:
        in_transaction()
    name = "lock_coupons" if lock else "load_coupons"
    return [
        CouponState(*row)
        for row in statement(_HERE, name).rows(codes=sorted(codes), ids=sorted(ids))
    ]


def insert_coupons(coupons: Sequence[CouponState]) -> None:
    """Issue coupons."""
    names = (
        *("ids", "codes", "kinds", "versions", "members", "statuses"),
        *("froms", "untils", "issuers", "holders", "held_untils"),
    )
    rows = [
        (
            coupon.id,
            coupon.code,
            coupon.kind,
            coupon.version,
            coupon.member_id,
            coupon.status,
            coupon.valid_from,
            coupon.valid_until,
            coupon.issued_by,
            coupon.holder,
            coupon.held_until,
        )
        for coupon in coupons
    ]
    statement(_HERE, "insert_coupons").run(len(rows), **_named(names, rows))


def update_coupons(pairs: Sequence[tuple[CouponState, CouponState]]) -> None:
    """Write coupons (before, after), each of which must still be as it had been read."""
    names = ("ids", "statuses", "holders", "held_untils", "statuses_before", "holders_before")
    rows = [
        (after.id, after.status, after.holder, after.held_until, before.status, before.holder)
        for before, after in pairs
    ]
    statement(_HERE, UPDATE_COUPONS).run(len(rows), **_named(names, rows))


def coupons_of_member(
    *,
    members: Collection[UUID],
    before: UUID | None,
    only_usable: bool,
    at: datetime,
    limit: int,
) -> list[CouponState]:
    """The coupons of these members, the newest first."""
    rows = statement(_HERE, "coupons_of_member").rows(
        members=list(members), before=before, only_usable=only_usable, at=at, limit=limit
    )
    return [CouponState(*row) for row in rows]


def coupons_by_kind(
    *, kind: str | None, statuses: Collection[str], before: UUID | None, limit: int
) -> list[CouponState]:
    """Coupons of the programme, the newest first."""
    rows = statement(_HERE, "coupons_by_kind").rows(
        kind=kind, statuses=sorted(statuses), before=before, limit=limit
    )
    return [CouponState(*row) for row in rows]


def _named(names: Sequence[str], rows: Sequence[Sequence[Any]]) -> dict[str, str]:
    return dict(zip(names, columns(rows, len(names)), strict=True))
