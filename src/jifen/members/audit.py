"""The record of what was done to members' own data."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from jifen.members.models import Audit
from jifen.members.types import AuditEntry


def record(
    *,
    member_id: UUID,
    kind: str,
    actor: str,
    at: datetime,
    reason: str = "",
    fields: Iterable[str] = (),
) -> None:
    """Write down what was done, in the open transaction. Names of fields, never values."""
    Audit.objects.create(
        member_id=member_id,
        kind=kind,
        actor=actor,
        reason=reason,
        fields=" ".join(fields),
        at=at,
    )


def entries(*, member_id: UUID, before: UUID | None, limit: int) -> list[AuditEntry]:
    """What was done to a member's data, the newest first, before a given entry."""
    rows = Audit.objects.filter(member_id=member_id).order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    return [
        AuditEntry(row.id, row.kind, row.actor, row.reason, row.at, tuple(row.fields.split()))
        for row in rows[:limit]
    ]
