"""What an act causes is a row of its own, in the history of its member or of a second one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from jifen.common.ids import new_id
from jifen.earning.record import ENCODER, Record
from jifen.earning.state import ActivityRow

if TYPE_CHECKING:
    from jifen.earning.decisions.sheet import Sheet


def row(
    sheet: Sheet,
    kind: str,
    record: Record,
    *,
    key: str,
    body: Mapping[str, Any],
    row_id: UUID | None = None,
    of_id: UUID | None = None,
    of_seq: int | None = None,
    store_id: UUID | None = None,
    occurred_at: datetime | None = None,
) -> ActivityRow:
    """A row of the sheet's member for what its activity caused, where and when that happened
    unless it says otherwise. ``key`` tells it from others of its kind."""
    item = sheet.item
    return ActivityRow(
        row_id or new_id(),
        kind,
        item.caller.client_id,
        f"{kind}:{key}",
        item.digest,
        sheet.owner.id,
        store_id or item.store.id,
        None,
        of_id,
        None,
        sheet.state.context.version,
        occurred_at or item.activity.occurred_at,
        ENCODER.encode({"kind": kind, **body}),
        record,
        of_seq,
    )


def show(sheet: Sheet, *, cause: UUID, kind: str, record: Record, body: Mapping[str, Any]) -> None:
    """Add the row by which the sheet's member sees what the activity ``cause`` of somebody else
    did. It moves nothing itself: what moved is in the transaction of its cause."""
    told = {"cause": cause, **body}
    sheet.rows.append(row(sheet, kind, record, key=str(cause), body=told, of_id=cause))
