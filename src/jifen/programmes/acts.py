"""The record of what the staff did and tried: who, when, from where, and what became of it.

An act is written down before it is done and its outcome after, so what was cut short is there, too.
None is removed. What machines did is on it only where they took tables away.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from jifen.programmes import staff
from jifen.programmes.models import Staff, StaffAct
from jifen.programmes.types import Client, StaffActInfo, Stores


def begin(
    *, client: Client, address: str, operation: str, subject: Mapping[str, Any], at: datetime
) -> UUID:
    """Write down what somebody is about to do; answers its id for :func:`end`."""
    row = StaffAct(
        at=at,
        staff_id=client.staff_id,
        login=staff.login_of(client),
        address=address,
        operation=operation,
        subject=dict(subject),
        code="",
    )
    row.save(force_insert=True)
    return UUID(str(row.id))


def end(act_id: UUID, *, status: int, code: str, before: Any = None, after: Any = None) -> None:
    """Write down what became of it."""
    StaffAct.objects.filter(id=act_id).update(status=status, code=code, before=before, after=after)


def done(
    *,
    staff_id: UUID,
    login: str,
    address: str,
    operation: str,
    subject: Mapping[str, Any],
    at: datetime,
    status: int | None = None,
    code: str = "",
) -> None:
    """Write down at once what somebody did, or was refused with ``code``, who was not signed in
    before."""
    StaffAct(
        at=at,
        staff_id=staff_id,
        login=login,
        address=address,
        operation=operation,
        subject=dict(subject),
        status=status,
        code=code,
    ).save(force_insert=True)


def acts(
    *,
    before: UUID | None,
    limit: int,
    login: str | None = None,
    operation: str | None = None,
    since: datetime | None = None,
    until: datetime | None = None,
    stores: Stores = None,
) -> list[StaffActInfo]:
    """What the staff did, the newest first, before a given act; with ``stores`` what those did who
    work in none but these."""
    rows = StaffAct.objects.order_by("-id")
    if stores is not None:
        rows = rows.filter(staff_id__in=[person.id for person in staff.everybody(stores=stores)])
    if before is not None:
        rows = rows.filter(id__lt=before)
    if login:
        person = Staff.objects.filter(login=login.strip().lower()).first()
        rows = rows.filter(staff_id=person.id if person else None)
    if operation:
        rows = rows.filter(operation=operation)
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lt=until)
    return [
        StaffActInfo(
            id=row.id,
            at=row.at,
            login=row.login,
            address=row.address,
            operation=row.operation,
            subject=row.subject,
            status=row.status,
            code=row.code,
            before=row.before,
            after=row.after,
        )
        for row in rows[:limit]
    ]
