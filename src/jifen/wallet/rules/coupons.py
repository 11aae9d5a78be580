"""The states of a coupon, as pure functions: a coupon goes in, the next one comes out.

issued → used → issued (given back) …; issued → held → used, or issued again when its hold is
released or over; issued or held → void. Whether its time is over is a question asked when it is
used, not a state.
"""

from __future__ import annotations

import re
import secrets
from datetime import datetime
from typing import Final
from uuid import UUID

from msgspec.structs import replace

from jifen.wallet.types import (
    CouponExpired,
    CouponHeld,
    CouponInfo,
    CouponNotYet,
    CouponOfAnother,
    CouponState,
    CouponUsed,
    CouponVoid,
    UnknownCoupon,
)

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Base 32 without I, L, O and U, which people misread."""
GROUPS: Final = 7
GROUP: Final = 4
_LOOKALIKES: Final = str.maketrans({"I": "1", "L": "1", "O": "0"})
_CODE: Final = re.compile(f"[{ALPHABET}]{{{GROUPS * GROUP}}}")


def new_code() -> str:
    """A code that nobody guesses: 140 random bits, as ``XXXX-XXXX-…`` in seven groups."""
    letters = [secrets.choice(ALPHABET) for _ in range(GROUPS * GROUP)]
    return _grouped("".join(letters))


def normalised(code: str) -> str:
    """A code as it is kept, from how people write it: small letters, no dashes, O for 0.

    Raises :class:`UnknownCoupon` for what no coupon's code can be.
    """
    letters = re.sub(r"[\s-]", "", code).upper().translate(_LOOKALIKES)
    if not _CODE.fullmatch(letters):
        raise UnknownCoupon("no coupon of this programme has this code")
    return _grouped(letters)


def ending(coupon: CouponState | CouponInfo) -> str:
    """The last group of the code: enough to tell coupons apart, too little to use one."""
    return coupon.code[-GROUP:]


def status_at(coupon: CouponState, at: datetime) -> str:
    """How the coupon stands at a time: also ``expired``, and ``issued`` after its hold."""
    if coupon.status in {"used", "void"} or is_held(coupon, at):
        return coupon.status
    if coupon.valid_until is not None and coupon.valid_until <= at:
        return "expired"
    return "issued"


def is_held(coupon: CouponState, at: datetime) -> bool:
    """Whether somebody holds it at that time."""
    return coupon.status == "held" and coupon.held_until is not None and at < coupon.held_until


def check_free(
    coupon: CouponState, *, owner: UUID | None, member_id: UUID | None, at: datetime
) -> None:
    """Raise unless the coupon can be used by this member (or nobody known) now. ``owner`` is whose
    it is by now: nobody's, or that of the member whose part the coupon's own member is."""
    if owner is not None and owner != member_id:
        raise CouponOfAnother("the coupon belongs to another member")
    if coupon.status == "used":
        raise CouponUsed("the coupon was used before", coupon=ending(coupon))
    if coupon.status == "void":
        raise CouponVoid("the coupon was made void", coupon=ending(coupon))
    if is_held(coupon, at):
        raise CouponHeld(
            "the coupon is held for another order",
            coupon=ending(coupon),
            held_until=coupon.held_until.isoformat() if coupon.held_until else None,
        )
    if at < coupon.valid_from:
        raise CouponNotYet(
            "the coupon's time has not begun",
            coupon=ending(coupon),
            valid_from=coupon.valid_from.isoformat(),
        )
    if coupon.valid_until is not None and coupon.valid_until <= at:
        raise CouponExpired(
            "the coupon's time is over",
            coupon=ending(coupon),
            valid_until=coupon.valid_until.isoformat(),
        )


def used(coupon: CouponState, by: UUID) -> CouponState:
    """The coupon after its use."""
    return replace(coupon, status="used", holder=by, held_until=None)


def held(coupon: CouponState, by: UUID, until: datetime) -> CouponState:
    """The coupon, kept for an order that is paid later."""
    return replace(coupon, status="held", holder=by, held_until=until)


def given_back(coupon: CouponState, of: UUID) -> CouponState:
    """The coupon as it was before ``of`` used or held it; untouched when it is not ``of`` that
    has it."""
    if coupon.holder != of or coupon.status not in {"used", "held"}:
        return coupon
    return replace(coupon, status="issued", holder=None, held_until=None)


def voided(coupon: CouponState, by: UUID, at: datetime) -> CouponState:
    """The coupon made void. Raises for one that is used, void or held."""
    if coupon.status == "used":
        raise CouponUsed("the coupon was used before", coupon=ending(coupon))
    if coupon.status == "void":
        raise CouponVoid("the coupon was made void before", coupon=ending(coupon))
    if is_held(coupon, at):
        raise CouponHeld("the coupon is held for an order", coupon=ending(coupon))
    return replace(coupon, status="void", holder=by, held_until=None)


def _grouped(letters: str) -> str:
    return "-".join(letters[at : at + GROUP] for at in range(0, len(letters), GROUP))
