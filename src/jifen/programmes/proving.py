"""How somebody of the staff shows who they are: password, second factor, session.

A session is a key of the person's API client which ends: to sign out is to revoke it, a new
password revokes them all, and a second factor that is turned on all but the one it was set up in.
What asks for a password counts as an attempt, and after too many that failed one waits. A login
that nobody has is refused in the same words as a wrong password, and as slowly.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.db import transaction

from jifen.common.errors import JifenError
from jifen.common.scope import scope
from jifen.programmes import acts, attempts, factors, services, staff
from jifen.programmes.models import ApiKey, Staff, StaffLogin
from jifen.programmes.types import (
    FactorOff,
    FactorSetUp,
    FactorUnreadable,
    SecondFactorNeeded,
    SignedIn,
    StaffInfo,
    WrongCode,
    WrongLogin,
)

SESSION: Final = timedelta(hours=12)
"""How long a session lasts, whatever is done in it."""


def sign_in(
    *, login: str, password: str, address: str, at: datetime, code: str | None = None
) -> SignedIn:
    """Open a session. Raises ``WrongLogin`` or ``TooManyAttempts``; to whoever has the password
    right ``SecondFactorNeeded`` without a ``code``, or ``FactorUnreadable``.

    A login that nobody has costs as much time as one whose password is wrong. A wrong code counts
    as a wrong password does, and is refused in the same words.
    """
    login = login.strip().lower()
    attempt = attempts.begin(name=login, address=address, at=at)
    known = StaffLogin.objects.filter(login=login).first()
    if known is None:
        make_password(password)
        raise WrongLogin("the login or the password is wrong")
    with scope(known.programme_id):
        row = Staff.objects.get(id=known.staff_id)
        refusal, how = _checked(row, password, code, at)
        opened = None if refusal else _opened(row, at, proved=bool(how))
        if opened is None and refusal is None:
            refusal = WrongLogin("the login or the password is wrong")
        acts.done(
            staff_id=row.id,
            login=row.login,
            address=address,
            operation="sign_in",
            subject=how,
            at=at,
            code=refusal.code if refusal else "",
        )
        if isinstance(refusal, SecondFactorNeeded):
            # The half that was tried is right; the other half will be an attempt of its own.
            attempts.succeed(attempt)
        if opened is None:
            assert refusal is not None  # noqa: S101 (one of the two)
            raise refusal
        attempts.succeed(attempt)
        return opened


def _checked(
    row: Staff, password: str, code: str | None, at: datetime
) -> tuple[JifenError | None, dict[str, str]]:
    """What is to be said against a sign-in, and by which kind of code it was made."""
    wrong = WrongLogin("the login or the password is wrong")
    if not (check_password(password, row.password) and row.is_active):
        return wrong, {}
    if not factors.with_factor([row.id]):
        return None, {}
    if code is None:
        return SecondFactorNeeded("send the code of the second factor, too"), {}
    try:
        return None, {"second_factor": factors.accept(staff_id=row.id, code=code, at=at)}
    except WrongCode:
        return wrong, {}
    except FactorUnreadable as unreadable:
        return unreadable, {}


def open_session(*, staff_id: UUID, at: datetime) -> SignedIn:
    """A session of somebody who has shown who they are."""
    opened = _opened(staff.row_of(staff_id), at, proved=True)
    if opened is None:
        raise WrongLogin("the login or the password is wrong")
    return opened


def _opened(row: Staff, at: datetime, *, proved: bool) -> SignedIn | None:
    """A session of whoever was found to be ``row``, ``proved`` by a second factor; None when that
    is over. Comparing a password takes long, and whatever ends sessions holds the person's row: it
    comes before this and is seen here, or after it and ends this session, too.
    """
    with transaction.atomic():
        now = Staff.objects.select_for_update().get(id=row.id)
        if not now.is_active or now.password != row.password:
            return None
        if not proved and factors.with_factor([row.id]):
            return None
        expires_at = at + SESSION
        token = services.add_key(client_id=row.client_id, expires_at=expires_at)
        return SignedIn(staff.infos([now])[0], token, expires_at)


def has_password(*, staff_id: UUID, password: str) -> bool:
    """Whether this is somebody's password. It is no attempt to sign in, so ask it of nobody else's
    word."""
    return check_password(password, staff.row_of(staff_id).password)


def sign_out(*, token: str, at: datetime) -> None:
    """End a session; harmless twice."""
    digest = hashlib.sha256(token.encode()).digest()
    ApiKey.objects.filter(key_sha256=digest, revoked_at=None).update(revoked_at=at)


def begin_factor(
    *, staff_id: UUID, password: str, issuer: str, address: str, at: datetime
) -> FactorSetUp:
    """Begin to set up one's second factor, with one's password. Raises ``WrongLogin``,
    ``TooManyAttempts`` or ``FactorOn``."""
    row = staff.row_of(staff_id)
    _prove(row, password, address, at)
    return factors.begin(staff_id=staff_id, login=row.login, issuer=issuer, at=at)


def confirm_factor(*, staff_id: UUID, code: str, token: str, at: datetime) -> list[str]:
    """Turn one's second factor on with a first code; answers the recovery codes. Sessions that were
    opened without it end, but the one of ``token``. Raises ``WrongCode`` or ``FactorOff``."""
    with transaction.atomic():
        row = staff.row_of(staff_id, held=True)
        spare = factors.confirm(staff_id=staff_id, code=code, at=at)
        services.revoke_keys(client_id=row.client_id, at=at, but=token)
    return spare


def end_factor(*, staff_id: UUID, password: str, code: str, address: str, at: datetime) -> None:
    """Turn one's own second factor off, with password and code. Raises ``WrongLogin``,
    ``TooManyAttempts`` or ``FactorOff``."""
    row = staff.row_of(staff_id)
    if not factors.with_factor([staff_id]):
        raise FactorOff("there is no second factor")
    _prove(row, password, address, at, code=code)
    factors.remove(staff_id=staff_id)


def reset_factor(*, staff_id: UUID, at: datetime) -> StaffInfo:
    """Take somebody's second factor away, who lost it; every session of theirs ends. Raises
    ``FactorOff``."""
    with transaction.atomic():
        row = staff.row_of(staff_id, held=True)
        if not factors.remove(staff_id=staff_id):
            raise FactorOff("there is no second factor")
        services.revoke_keys(client_id=row.client_id, at=at)
    return staff.one(staff_id)


def change_password(*, staff_id: UUID, old: str, new: str, address: str, at: datetime) -> None:
    """A new password; every session of the person ends. Raises ``WrongLogin``,
    ``TooManyAttempts`` or ``WeakPassword``."""
    _prove(staff.row_of(staff_id), old, address, at)
    staff.set_password(staff_id=staff_id, password=new, at=at)


def _prove(
    row: Staff, password: str, address: str, at: datetime, *, code: str | None = None
) -> None:
    """Raise ``WrongLogin`` unless they know their password, and the code where one is asked for;
    it counts as an attempt to sign in."""
    attempt = attempts.begin(name=row.login, address=address, at=at)
    if not check_password(password, row.password):
        raise WrongLogin("the password is wrong")
    if code is not None:
        try:
            factors.accept(staff_id=row.id, code=code, at=at)
        except WrongCode as error:
            raise WrongLogin("the code is wrong, or it was used") from error
    attempts.succeed(attempt)
