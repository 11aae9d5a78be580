"""Reads of the wallet."""

from __future__ import annotations

from datetime import datetime
from typing import Final, get_args
from uuid import UUID

from msgspec.structs import replace

from jifen.members import selectors as members
from jifen.wallet.models import Coupon
from jifen.wallet.rules.coupons import ending, normalised, status_at
from jifen.wallet.sql import queries
from jifen.wallet.types import CouponInfo, CouponState, CouponStatus, UnknownCoupon

_STATUSES: Final = get_args(CouponStatus)


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


def all_coupons(
    *,
    kind: str | None,
    status: CouponStatus | None,
    before: UUID | None,
    at: datetime,
    limit: int,
) -> list[CouponInfo]:
    """The programme's coupons as they stand at ``at``, the newest first, before a given one. They
    are found by the ``status`` that is kept: of those issued some read ``expired``, and of those
    held some ``issued``, their time being over."""
    found = queries.coupons_by_kind(
        kind=kind, statuses=[status] if status else _STATUSES, before=before, limit=limit
    )
    return [_info(coupon, at) for coupon in found]


def without_code(coupon: CouponInfo) -> CouponInfo:
    """The coupon with the last group of its code only, so that nobody can use it who reads it."""
    return replace(coupon, code=f"****-{ending(coupon)}")


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
    status = status_at(coupon, at)
    return CouponInfo(
        id=coupon.id,
        code=coupon.code,
        kind=coupon.kind,
        version=coupon.version,
        member_id=coupon.member_id,
        status=status,
        valid_from=coupon.valid_from,
        valid_until=coupon.valid_until,
        issue_id=coupon.issued_by,
        # A hold that is over is told as if it had been released.
        holder_id=coupon.holder if status in {"held", "used", "void"} else None,
        held_until=coupon.held_until if status == "held" else None,
    )
