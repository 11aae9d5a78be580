"""Reads of the wallet."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from jifen.members import selectors as members
from jifen.wallet.models import Coupon
from jifen.wallet.rules.coupons import normalised, status_at
from jifen.wallet.sql import queries
from jifen.wallet.types import CouponInfo, CouponState, UnknownCoupon


def coupons(
    *, member_id: UUID, before: UUID | None, only_usable: bool, at: datetime, limit: int
) -> list[CouponInfo]:
    """A member's coupons as they stand at ``at``, the newest first, before a given one. Those of
    members who were merged into it are among them."""
    found = queries.coupons_of_member(
        members=[member_id, *members.parts(member_id)],
        before=before,
        only_usable=only_usable,
        at=at,
        limit=limit,
    )
    return [_info(coupon, at) for coupon in found]


def coupon(*, code: str, at: datetime) -> CouponInfo:
    """The coupon with this code, or :class:`UnknownCoupon`."""
    found = queries.load_coupons(codes=[normalised(code)], ids=[], lock=False)
    if not found:
        raise UnknownCoupon("no coupon of this programme has this code")
    return _info(found[0], at)


def count() -> int:
    """How many coupons of the programme there are."""
    return Coupon.objects.count()


def _info(coupon: CouponState, at: datetime) -> CouponInfo:
    return CouponInfo(
        id=coupon.id,
        code=coupon.code,
        kind=coupon.kind,
        version=coupon.version,
        member_id=coupon.member_id,
        status=status_at(coupon, at),
        valid_from=coupon.valid_from,
        valid_until=coupon.valid_until,
    )
