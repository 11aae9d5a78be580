"""The second factor of somebody of the staff: set up, asked for when they sign in, taken away.

The secret is told once, while it is being set up, and never again; it is kept sealed with the
server's secret key, and of recovery codes only their digests are kept. A code of either kind opens
one session: which of two at once, the row decides.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from uuid import UUID

from django.db import transaction

from jifen.common import sealing
from jifen.programmes.models import Staff, StaffFactor, StaffSpareCode
from jifen.programmes.rules import codes
from jifen.programmes.types import (
    FactorOff,
    FactorOn,
    FactorSetUp,
    FactorUnreadable,
    WrongCode,
)


def with_factor(staff: Collection[UUID]) -> set[UUID]:
    """Those of these people whose second factor is on."""
    on = StaffFactor.objects.filter(staff_id__in=list(staff), confirmed_at__isnull=False)
    return set(on.values_list("staff_id", flat=True))


def begin(*, staff_id: UUID, login: str, issuer: str, at: datetime) -> FactorSetUp:
    """A new secret for somebody who has none that is on; one that was never confirmed is forgotten.

    Raises :class:`FactorOn`.
    """
    secret = codes.new_secret()
    with transaction.atomic():
        Staff.objects.select_for_update().get(id=staff_id)
        if with_factor([staff_id]):
            raise FactorOn("the second factor is on; turn it off first")
        StaffFactor.objects.filter(staff_id=staff_id).delete()
        sealed = sealing.seal(secret, purpose=_purpose(staff_id))
        StaffFactor.objects.create(staff_id=staff_id, secret=sealed, begun_at=at)
    return FactorSetUp(secret, codes.address_of(secret, login=login, issuer=issuer))


def confirm(*, staff_id: UUID, code: str, at: datetime) -> list[str]:
    """Turn it on with a first code; answers the recovery codes, told this once.

    Raises :class:`WrongCode`, :class:`FactorUnreadable`, or :class:`FactorOff` when none is being
    set up.
    """
    with transaction.atomic():
        row = StaffFactor.objects.select_for_update().filter(staff_id=staff_id).first()
        if row is None or row.confirmed_at is not None:
            raise FactorOff("no second factor is being set up")
        step = codes.step_of(_secret(row), code, at=at)
        if step is None:
            raise WrongCode("this is not the code of now")
        spare = codes.new_spare_codes()
        StaffFactor.objects.filter(staff_id=staff_id).update(confirmed_at=at, last_step=step)
        StaffSpareCode.objects.filter(staff_id=staff_id).delete()
        StaffSpareCode.objects.bulk_create(
            [
                StaffSpareCode(staff_id=staff_id, code_sha256=codes.spare_digest(each))
                for each in spare
            ]
        )
    return spare


def accept(*, staff_id: UUID, code: str, at: datetime) -> str:
    """Use up a code; answers whether it was a ``code`` of the authenticator or a ``spare`` one.

    Raises :class:`WrongCode`, also for one that was used before, and :class:`FactorUnreadable`:
    then the recovery codes still work.
    """
    row = StaffFactor.objects.filter(staff_id=staff_id, confirmed_at__isnull=False).first()
    if row is None:
        raise WrongCode("there is no second factor")
    unused = StaffSpareCode.objects.filter(
        staff_id=staff_id, code_sha256=codes.spare_digest(code), used_at=None
    )
    if unused.update(used_at=at):
        return "spare"
    step = codes.step_of(_secret(row), code, at=at)
    if step is not None:
        # Of two who come with one code, one finds it used.
        newer = StaffFactor.objects.filter(staff_id=staff_id, last_step__lt=step)
        kept = sealing.renewed(row.secret, purpose=_purpose(staff_id))
        if newer.update(last_step=step, secret=kept):
            return "code"
    raise WrongCode("this is not the code of now, or it was used")


def remove(*, staff_id: UUID) -> bool:
    """Take it away, with its recovery codes; answers whether there was one."""
    with transaction.atomic():
        StaffSpareCode.objects.filter(staff_id=staff_id).delete()
        found, _ = StaffFactor.objects.filter(staff_id=staff_id).delete()
    return bool(found)


def _secret(row: StaffFactor) -> str:
    try:
        return sealing.unseal(row.secret, purpose=_purpose(row.staff_id))
    except sealing.NotOurSeal:
        raise FactorUnreadable(
            "the second factor was set up under another secret key: sign in with a recovery code,"
            " or have it taken away with `jifen staff forget-factor`"
        ) from None


def _purpose(staff_id: UUID) -> str:
    """A secret is its person's: put into another row, it opens nothing."""
    return f"second factor of {staff_id}"
