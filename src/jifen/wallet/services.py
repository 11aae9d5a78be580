"""Writes of the wallet, and its pure rules, for batches that hold the members' locks."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Final
from uuid import UUID

from jifen.common.sql import in_transaction
from jifen.wallet.rules.checkout import chooses, most_stored, price
from jifen.wallet.rules.coupons import (
    check_free,
    given_back,
    held,
    new_code,
    normalised,
    used,
    voided,
)
from jifen.wallet.rules.undoing import less, undo
from jifen.wallet.sql import queries
from jifen.wallet.types import CouponState

__all__ = [
    "COUPON_TAKEN",
    "check_free",
    "chooses",
    "given_back",
    "held",
    "less",
    "load",
    "most_stored",
    "new_code",
    "normalised",
    "price",
    "undo",
    "used",
    "voided",
    "write",
]

COUPON_TAKEN: Final = queries.UPDATE_COUPONS
"""The statement that touches too few rows when somebody else had a coupon meanwhile."""


def load(*, codes: Collection[str], ids: Collection[UUID], lock: bool) -> dict[str, CouponState]:
    """Coupons by code, of those that are there; ``lock`` takes them in id order."""
    return {each.code: each for each in queries.load_coupons(codes=codes, ids=ids, lock=lock)}


def write(*, before: Mapping[str, CouponState], after: Iterable[CouponState]) -> None:
    """Issue new coupons and write those that changed. Raises ``RowsMissing`` (of
    ``COUPON_TAKEN``) when one is not as it had been read."""
    in_transaction()
    fresh = [coupon for coupon in after if coupon.code not in before]
    moved = [
        (before[coupon.code], coupon)
        for coupon in after
        if coupon.code in before and before[coupon.code] is not coupon
    ]
    if fresh:
        queries.insert_coupons(fresh)
    if moved:
        queries.update_coupons(moved)
