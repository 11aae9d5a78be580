"""Staff: who they are, and how they sign in.

A person acts under an API client of their own, so whatever they book, change or ask goes through
the same rights, keys and scopes as any machine's. A session is a key of that client which ends:
to sign out is to revoke it, to change a password or to leave is to revoke them all.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.hashers import check_password, make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from msgspec import UNSET, UnsetType

from jifen.common.errors import InvalidInput, JifenError
from jifen.common.ids import new_id
from jifen.common.scope import current, scope
from jifen.programmes import attempts, factors, selectors, services
from jifen.programmes.models import (
    ApiClient,
    ApiKey,
    Staff,
    StaffAct,
    StaffLogin,
)
from jifen.programmes.rules.roles import ROLES, rights_of
from jifen.programmes.types import (
    Client,
    FactorOff,
    FactorSetUp,
    FactorUnreadable,
    LastOwner,
    LoginTaken,
    OwnerEverywhere,
    SecondFactorNeeded,
    SignedIn,
    StaffInfo,
    Stores,
    UnknownStaff,
    WeakPassword,
    WrongCode,
    WrongLogin,
)

SESSION: Final = timedelta(hours=12)
"""How long a session lasts, whatever is done in it."""
_OWNER: Final = "owner"
_LONGEST_LOGIN: Final = 100
_PREFIX: Final = "staff:"


def add_staff(
    *,
    login: str,
    name: str,
    role: str,
    password: str,
    at: datetime,
    stores: Collection[str] | None = None,
) -> StaffInfo:
    """A person who may sign in from now on, and works in these stores only. The login is of one
    person in all programmes.

    Raises ``LoginTaken``, ``WeakPassword``, ``UnknownStore``, ``OwnerEverywhere``, or
    ``InvalidInput`` for a role that does not exist.
    """
    login = _login(login)
    _check_role(role)
    _check_reach(role, stores)
    _check_password(password, login, name)
    client = ApiClient(
        id=new_id(), name=f"{_PREFIX}{login}", rights=sorted(rights_of(role)), created_at=at
    )
    row = Staff(
        id=new_id(),
        login=login,
        name=name,
        role=role,
        password=make_password(password),
        client_id=client.id,
        created_at=at,
        password_set_at=at,
    )
    with transaction.atomic():
        # At once or not at all: a login that leads nowhere would be taken for ever.
        _claim(login, row.id)
        client.save(force_insert=True)
        services.limit_client(client_id=client.id, stores=stores)
        row.save(force_insert=True)
    return _infos([row])[0]


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
        StaffAct(
            at=at,
            staff_id=row.id,
            login=row.login,
            address=address,
            operation="sign_in",
            subject=how,
            code=refusal.code if refusal else "",
        ).save(force_insert=True)
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
    opened = _opened(_row(staff_id), at, proved=True)
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
        return SignedIn(_infos([now])[0], token, expires_at)


def has_password(*, staff_id: UUID, password: str) -> bool:
    """Whether this is somebody's password. It is no attempt to sign in, so ask it of nobody else's
    word."""
    return check_password(password, _row(staff_id).password)


def sign_out(*, token: str, at: datetime) -> None:
    """End a session; harmless twice."""
    digest = hashlib.sha256(token.encode()).digest()
    ApiKey.objects.filter(key_sha256=digest, revoked_at=None).update(revoked_at=at)


def begin_factor(
    *, staff_id: UUID, password: str, issuer: str, address: str, at: datetime
) -> FactorSetUp:
    """Begin to set up one's second factor, with one's password. Raises ``WrongLogin``,
    ``TooManyAttempts`` or ``FactorOn``."""
    row = _row(staff_id)
    _prove(row, password, address, at)
    return factors.begin(staff_id=staff_id, login=row.login, issuer=issuer, at=at)


def confirm_factor(*, staff_id: UUID, code: str, token: str, at: datetime) -> list[str]:
    """Turn one's second factor on with a first code; answers the recovery codes. Sessions that were
    opened without it end, but the one of ``token``. Raises ``WrongCode`` or ``FactorOff``."""
    with transaction.atomic():
        row = _held(staff_id)
        spare = factors.confirm(staff_id=staff_id, code=code, at=at)
        services.revoke_keys(client_id=row.client_id, at=at, but=token)
    return spare


def end_factor(*, staff_id: UUID, password: str, code: str, address: str, at: datetime) -> None:
    """Turn one's own second factor off, with password and code. Raises ``WrongLogin``,
    ``TooManyAttempts`` or ``FactorOff``."""
    row = _row(staff_id)
    if not factors.with_factor([staff_id]):
        raise FactorOff("there is no second factor")
    _prove(row, password, address, at, code=code)
    factors.remove(staff_id=staff_id)


def reset_factor(*, staff_id: UUID, at: datetime) -> StaffInfo:
    """Take somebody's second factor away, who lost it; every session of theirs ends. Raises
    ``FactorOff``."""
    with transaction.atomic():
        row = _held(staff_id)
        if not factors.remove(staff_id=staff_id):
            raise FactorOff("there is no second factor")
        services.revoke_keys(client_id=row.client_id, at=at)
    return one(staff_id)


def change_password(*, staff_id: UUID, old: str, new: str, address: str, at: datetime) -> None:
    """A new password; every session of the person ends. Raises ``WrongLogin``,
    ``TooManyAttempts`` or ``WeakPassword``."""
    _prove(_row(staff_id), old, address, at)
    set_password(staff_id=staff_id, password=new, at=at)


def set_password(*, staff_id: UUID, password: str, at: datetime) -> None:
    """A new password from somebody who may give it; every session of the person ends."""
    row = _row(staff_id)
    _check_password(password, row.login, row.name)
    hashed = make_password(password)
    with transaction.atomic():
        Staff.objects.filter(id=staff_id).update(password=hashed, password_set_at=at)
        services.revoke_keys(client_id=row.client_id, at=at)


def change_staff(
    *,
    staff_id: UUID,
    name: str | None = None,
    role: str | None = None,
    is_active: bool | None = None,
    stores: Collection[str] | UnsetType | None = UNSET,
    at: datetime,
) -> StaffInfo:
    """Change who somebody is, what they may do and where; what is None or unset stays, and
    ``stores`` of None are all.

    Raises ``LastOwner`` when nobody would be left to change it back, ``UnknownStore`` or
    ``OwnerEverywhere``.
    """
    if role is not None:
        _check_role(role)
    given = {"name": name, "role": role, "is_active": is_active}
    changes = {field: value for field, value in given.items() if value is not None}
    with transaction.atomic():
        # All owners, in one order: two who step down at once must see each other.
        owners = list(
            Staff.objects.select_for_update()
            .filter(role=_OWNER, is_active=True)
            .order_by("id")
            .values_list("id", flat=True)
        )
        row = _row(staff_id)
        stays = changes.get("role", row.role) == _OWNER and changes.get("is_active", row.is_active)
        if owners == [staff_id] and not stays:
            raise LastOwner("make somebody else an owner first")
        if stores is UNSET:
            stores = selectors.stores_of([row.client_id]).get(row.client_id)
        _check_reach(str(changes.get("role", row.role)), stores)
        services.limit_client(client_id=row.client_id, stores=stores)
        if changes:
            Staff.objects.filter(id=staff_id).update(**changes)
        if role is not None:
            ApiClient.objects.filter(id=row.client_id).update(rights=sorted(rights_of(role)))
        if is_active is False:
            services.revoke_keys(client_id=row.client_id, at=at)
    return one(staff_id)


def everybody(*, stores: Stores = None) -> list[StaffInfo]:
    """Everybody of the programme's staff who works in none but these stores, in the order they
    came."""
    people = _infos(list(Staff.objects.order_by("id")))
    return [person for person in people if _works_within(person, stores)]


def one(staff_id: UUID) -> StaffInfo:
    """One person, or :class:`UnknownStaff`."""
    return _infos([_row(staff_id)])[0]


def staff_of(client_id: UUID) -> StaffInfo | None:
    """The person who acts under an API client; None for a machine's."""
    row = Staff.objects.filter(client_id=client_id).first()
    return _infos([row])[0] if row else None


def staff_by_login(login: str) -> StaffInfo:
    """The person with this login, or :class:`UnknownStaff`."""
    row = Staff.objects.filter(login=login.strip().lower()).first()
    if row is None:
        raise UnknownStaff("nobody of the staff has this login", login=login)
    return _infos([row])[0]


def login_of(client: Client) -> str:
    """The login of the person who acts under a client of their own, and a machine's name."""
    return client.name.removeprefix(_PREFIX)


# --- helpers ------------------------------------------------------------------------------------


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


def _claim(login: str, staff_id: UUID) -> None:
    try:
        with transaction.atomic():
            StaffLogin.objects.create(login=login, programme_id=current(), staff_id=staff_id)
    except IntegrityError as error:
        raise LoginTaken("somebody has this login already", login=login) from error


def _login(text: str) -> str:
    login = text.strip().lower()
    if not login or len(login) > _LONGEST_LOGIN or not login.isprintable() or " " in login:
        raise InvalidInput("a login is 1 to 100 characters without spaces")
    return login


def _check_role(role: str) -> None:
    if role not in ROLES:
        raise InvalidInput(f"no such role: {role}", role=role, roles=list(ROLES))


def _check_reach(role: str, stores: Collection[str] | None) -> None:
    """An owner may change everybody's stores, so none of their own would mean anything."""
    if role == _OWNER and stores is not None:
        raise OwnerEverywhere("an owner works in every store")


def _works_within(person: StaffInfo, stores: Stores) -> bool:
    if stores is None:
        return True
    return person.stores is not None and set(person.stores) <= set(stores)


def _check_password(password: str, login: str, name: str) -> None:
    try:
        # Any object with these names will do, whatever Django's types say.
        person: Any = Staff(login=login, name=name)
        validate_password(password, person)
    except ValidationError as error:
        reasons = [each.code or "" for each in error.error_list]
        raise WeakPassword("the password is too easy to guess", reasons=reasons) from error


def _row(staff_id: UUID) -> Staff:
    row: Staff | None = Staff.objects.filter(id=staff_id).first()
    if row is None:
        raise UnknownStaff("nobody of the staff has this id", id=str(staff_id))
    return row


def _held(staff_id: UUID) -> Staff:
    """The person's row, locked to the end of the transaction."""
    row: Staff | None = Staff.objects.select_for_update().filter(id=staff_id).first()
    if row is None:
        raise UnknownStaff("nobody of the staff has this id", id=str(staff_id))
    return row


def _infos(rows: Sequence[Staff]) -> list[StaffInfo]:
    stores = selectors.stores_of([row.client_id for row in rows])
    proved = factors.with_factor([row.id for row in rows])
    return [
        StaffInfo(
            id=row.id,
            login=row.login,
            name=row.name,
            role=row.role,
            is_active=row.is_active,
            created_at=row.created_at,
            stores=stores.get(row.client_id),
            second_factor=row.id in proved,
        )
        for row in rows
    ]
