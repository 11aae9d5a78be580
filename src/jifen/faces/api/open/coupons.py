"""Coupons: a member's, all of them, and one by its code. A code is never part of an address."""

from __future__ import annotations

from http import HTTPStatus

from dmr import Path, Query, modify
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import Struct

from jifen.common import clock
from jifen.earning.types import Code, CouponCode
from jifen.faces.api import cursors
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open import answers
from jifen.faces.api.open.booking import ADJUST
from jifen.faces.api.open.members import MemberPath
from jifen.faces.api.open.names import Names, names_of
from jifen.members import selectors as members
from jifen.wallet import selectors as wallet
from jifen.wallet.types import CouponInfo, CouponStatus


class CouponsQuery(answers.Page, frozen=True):
    """Which part of the list; ``usable`` leaves out what cannot be used now."""

    usable: bool = False


class AllCouponsQuery(answers.Page, frozen=True):
    """Which part of the list, of which ``kind``, in which ``status`` as it is kept."""

    kind: Code | None = None
    status: CouponStatus | None = None


class Coupons(Struct, frozen=True):
    """A page of coupons, the newest first."""

    coupons: list[CouponInfo]
    next_cursor: str | None
    names: Names


class Bearer(Struct, frozen=True, forbid_unknown_fields=True):
    """Who bears a code."""

    code: CouponCode


class MemberCoupons(ApiController):
    """A member's coupons."""

    tags = ("coupons",)

    @modify(operation_id="listCoupons")
    def get(self, parsed_path: Path[MemberPath], parsed_query: Query[CouponsQuery]) -> Coupons:
        """List a member's coupons as they stand now, the newest first."""
        member = members.member(parsed_path.member_id)
        found = wallet.coupons(
            member_id=member.id,
            before=cursors.read_id(parsed_query.cursor),
            only_usable=parsed_query.usable,
            at=clock.now(),
            limit=parsed_query.limit + 1,
        )
        return _page(found, parsed_query.limit, self)


class CouponList(ApiController):
    """The programme's coupons."""

    tags = ("coupons",)

    @modify(operation_id="listAllCoupons")
    def get(self, parsed_query: Query[AllCouponsQuery]) -> Coupons:
        """List coupons as they stand now, the newest first.

        They are found by the status that is kept: `issued` finds those that are `expired`, too,
        and `held` those whose hold is over. Whoever bears the code of a coupon without a member can
        use it, so only callers with the right `adjust`, who may issue such, read it whole."""
        found = wallet.all_coupons(
            kind=parsed_query.kind,
            status=parsed_query.status,
            before=cursors.read_id(parsed_query.cursor),
            at=clock.now(),
            limit=parsed_query.limit + 1,
        )
        whole = self.may(ADJUST)
        seen = [each if whole or each.member_id else wallet.without_code(each) for each in found]
        return _page(seen, parsed_query.limit, self)


class CouponLookup(ApiController):
    """A coupon by its code."""

    tags = ("coupons",)

    @modify(status_code=HTTPStatus.OK, operation_id="lookUpCoupon")
    def post(self, parsed_body: BodyMsgspec[Bearer]) -> CouponInfo:
        """Find a coupon by the code that somebody bears."""
        return wallet.coupon(code=parsed_body.code, at=clock.now())


def _page(found: list[CouponInfo], limit: int, caller: ApiController) -> Coupons:
    page = found[:limit]
    more = len(found) > len(page)
    names = names_of((each.member_id for each in page), caller=caller)
    return Coupons(page, cursors.after_id(page[-1].id) if more else None, names)
