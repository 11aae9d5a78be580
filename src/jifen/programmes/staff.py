"""Staff: who they are, what they may do, and in which stores.

A person acts under an API client of their own, so whatever they book, change or ask goes through
the same rights, keys and scopes as any machine's. Owners work in every store, and the last one
stays one. Whoever leaves or is given a new password is signed out everywhere.

How they show who they are is in :mod:`jifen.programmes.proving`, what they did in
:mod:`jifen.programmes.acts`.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any, Final
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from msgspec import UNSET, UnsetType

from jifen.common.errors import InvalidInput
from jifen.common.ids import new_id
from jifen.common.scope import current
from jifen.programmes import factors, selectors, services
from jifen.programmes.models import ApiClient, Staff, StaffLogin
from jifen.programmes.rules.roles import ROLES, rights_of
from jifen.programmes.types import (
    Client,
    LastOwner,
    LoginTaken,
    OwnerEverywhere,
    StaffInfo,
    Stores,
    UnknownStaff,
    WeakPassword,
)

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
    return infos([row])[0]


def set_password(*, staff_id: UUID, password: str, at: datetime) -> None:
    """A new password from somebody who may give it; every session of the person ends."""
    row = row_of(staff_id)
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
        row = row_of(staff_id)
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
    people = infos(list(Staff.objects.order_by("id")))
    return [person for person in people if _works_within(person, stores)]


def one(staff_id: UUID) -> StaffInfo:
    """One person, or :class:`UnknownStaff`."""
    return infos([row_of(staff_id)])[0]


def staff_of(client_id: UUID) -> StaffInfo | None:
    """The person who acts under an API client; None for a machine's."""
    row = Staff.objects.filter(client_id=client_id).first()
    return infos([row])[0] if row else None


def staff_by_login(login: str) -> StaffInfo:
    """The person with this login, or :class:`UnknownStaff`."""
    row = Staff.objects.filter(login=login.strip().lower()).first()
    if row is None:
        raise UnknownStaff("nobody of the staff has this login", login=login)
    return infos([row])[0]


def login_of(client: Client) -> str:
    """The login of the person who acts under a client of their own, and a machine's name."""
    return client.name.removeprefix(_PREFIX)


def row_of(staff_id: UUID, *, held: bool = False) -> Staff:
    """Somebody's row, for this room only; ``held``, it is locked to the end of the transaction.
    Raises :class:`UnknownStaff`."""
    rows = Staff.objects.select_for_update() if held else Staff.objects.all()
    row: Staff | None = rows.filter(id=staff_id).first()
    if row is None:
        raise UnknownStaff("nobody of the staff has this id", id=str(staff_id))
    return row


def infos(rows: Sequence[Staff]) -> list[StaffInfo]:
    """These people as they are told of."""
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


# --- helpers ------------------------------------------------------------------------------------


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
