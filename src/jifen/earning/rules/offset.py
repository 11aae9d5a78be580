"""Offset: points paid instead of money. Exact: a step of points is worth whole minor units."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct

from jifen.common.errors import JifenError
from jifen.earning.rules.decimals import SCALE, Decimal4, scaled
from jifen.earning.rules.wording import Words
from jifen.earning.types import MAX_MINOR, MAX_POINTS, Code


class OffsetNotAllowed(JifenError):
    """The rule set does not let members pay with points."""

    code = "offset_not_allowed"


class OffsetBelowMinimum(JifenError):
    """Fewer points than the least that may be paid."""

    code = "offset_below_minimum"


class OffsetNotAStep(JifenError):
    """The points are not a multiple of the step."""

    code = "offset_not_a_step"


class OffsetAboveShare(JifenError):
    """The points are worth more than the share of the order that they may pay."""

    code = "offset_above_share"


class OffsetQuote(Struct, frozen=True, omit_defaults=True):
    """The most that may be paid: points and their worth in minor units. With no points,
    ``refusal`` is the code of the error that paying the least would raise."""

    points: int
    worth_minor: int
    refusal: str | None = None


class Offset(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """``points`` of ``unit`` are worth ``worth_minor``. At least ``minimum_points`` at once, in
    steps of ``step_points``, and at most ``share`` of what the order costs."""

    unit: Code
    points: Annotated[int, Meta(ge=1, le=MAX_POINTS)]
    worth_minor: Annotated[int, Meta(ge=1, le=MAX_MINOR)]
    minimum_points: Annotated[int, Meta(ge=0, le=MAX_POINTS)] = 0
    step_points: Annotated[int, Meta(ge=1, le=MAX_POINTS)] = 1
    share: Decimal4 = "1"

    def __post_init__(self) -> None:
        """A step is worth whole minor units, and no order is paid more than once."""
        if scaled(self.share) > SCALE:
            raise ValueError("share must not be above 1")
        if self.step_points * self.worth_minor % self.points:
            raise ValueError("step_points must be worth a whole number of minor units")

    def worth(self, points: int) -> int:
        """Minor units that ``points`` (a multiple of the step) are worth."""
        return points * self.worth_minor // self.points

    def limit_minor(self, net_minor: int) -> int:
        """The most that points may pay of an order of ``net_minor``: the share, rounded down."""
        return net_minor * scaled(self.share) // SCALE

    def sentence(self, words: Words) -> str:
        """What points pay."""
        told = words.say(
            zh="{amount}抵 {money}",
            en="{amount} pay {money}",
            amount=words.amount(self.unit, self.points),
            money=words.money(self.worth_minor),
        )
        remarks = []
        if self.minimum_points:
            least = words.amount(self.unit, self.minimum_points)
            remarks.append(words.say(zh="至少 {least}", en="at least {least}", least=least))
        if self.step_points > 1:
            step = words.amount(self.unit, self.step_points)
            remarks.append(words.say(zh="须为 {step}的倍数", en="in steps of {step}", step=step))
        if scaled(self.share) < SCALE:
            share = words.percent(self.share)
            most = words.say(zh="最多抵订单的 {share}", en="up to {share} of an order", share=share)
            remarks.append(most)
        return words.aside(told, *remarks)

    @property
    def least_points(self) -> int:
        """The smallest payment that is possible: the minimum, up to a whole step."""
        steps = max(1, -(-self.minimum_points // self.step_points))
        return steps * self.step_points


def quote(offset: Offset | None, available: int, net_minor: int) -> OffsetQuote:
    """The most that a member with ``available`` points may pay of an order of ``net_minor``."""
    if offset is None:
        return OffsetQuote(0, 0, OffsetNotAllowed.code)
    step = offset.step_points
    payable = offset.limit_minor(net_minor) * offset.points // offset.worth_minor // step * step
    points = min(payable, available // step * step)
    least = offset.least_points
    if points >= least:
        return OffsetQuote(points, offset.worth(points))
    refusal = OffsetAboveShare.code if payable < least else OffsetBelowMinimum.code
    return OffsetQuote(0, 0, refusal)


def worth(offset: Offset | None, points: int, net_minor: int) -> int:
    """Minor units that ``points`` pay of an order of ``net_minor``; 0 for none.

    Raises OffsetNotAllowed, OffsetBelowMinimum, OffsetNotAStep or OffsetAboveShare. Whether the
    member has the points is not asked here.
    """
    if points == 0:
        return 0
    if offset is None:
        raise OffsetNotAllowed("the rule set does not let points be paid on orders")
    if points < offset.minimum_points:
        raise OffsetBelowMinimum(
            f"at least {offset.minimum_points} points are paid at once",
            points=points,
            minimum_points=offset.minimum_points,
        )
    if points < 0 or points % offset.step_points:
        raise OffsetNotAStep(
            f"points are paid in steps of {offset.step_points}",
            points=points,
            step_points=offset.step_points,
        )
    worth_minor, limit_minor = offset.worth(points), offset.limit_minor(net_minor)
    if worth_minor > limit_minor:
        raise OffsetAboveShare(
            f"points may pay at most {limit_minor} minor units of this order",
            points=points,
            worth_minor=worth_minor,
            limit_minor=limit_minor,
        )
    return worth_minor
