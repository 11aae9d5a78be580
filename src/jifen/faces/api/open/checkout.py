"""What a basket would cost a member."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated

from dmr import modify
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import Meta, Struct

from jifen.common import clock
from jifen.earning import services as earning
from jifen.earning.types import Code, CouponCode, Line, MemberRef, Minor, Points, Purchase
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open.callers import caller_of


class Basket(Struct, frozen=True, forbid_unknown_fields=True):
    """A basket, and how it is to be paid: as a purchase, without its reference. What is left is
    paid in money."""

    lines: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=5_000)]
    member: MemberRef | None = None
    store: Code | None = None
    occurred_at: datetime | None = None
    points_paid: Points = 0
    coupons: Annotated[tuple[CouponCode, ...], Meta(max_length=20)] = ()
    stored_minor: Minor = 0
    member_prices: bool = False
    benefits: Annotated[tuple[Code, ...], Meta(max_length=20)] = ()


class CheckoutQuotation(ApiController):
    """What a basket costs."""

    tags = ("checkout",)

    @modify(status_code=HTTPStatus.OK, operation_id="quoteCheckout")
    def post(self, parsed_body: BodyMsgspec[Basket]) -> earning.CheckoutQuote:
        """Quote what a basket costs a member, step by step, and what it would earn.

        The same decision as booking the purchase: what could not be booked is refused here. Book
        it with `due_minor`, and it costs what was quoted or is not booked.
        """
        at = clock.now()
        purchase = Purchase(
            key="quote",
            reference="quote",
            occurred_at=parsed_body.occurred_at or at,
            store=parsed_body.store,
            lines=parsed_body.lines,
            member=parsed_body.member,
            points_paid=parsed_body.points_paid,
            coupons=parsed_body.coupons,
            stored_minor=parsed_body.stored_minor,
            member_prices=parsed_body.member_prices,
            benefits=parsed_body.benefits,
        )
        caller = caller_of(client=self.client, at=at)
        return earning.quote_checkout(purchase=purchase, caller=caller, at=at)
