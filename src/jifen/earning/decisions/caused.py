"""What an act does to a second member stands in that member's own history as well."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from jifen.common.ids import new_id
from jifen.earning.decisions.sheet import Sheet
from jifen.earning.record import ENCODER, Record
from jifen.earning.state import ActivityRow


def show(sheet: Sheet, *, cause: UUID, kind: str, record: Record, body: Mapping[str, Any]) -> None:
    """Add the row by which the sheet's member sees what the activity ``cause`` did. It moves
    nothing itself: what moved is in the transaction of its cause."""
    item = sheet.item
    sheet.rows.append(
        ActivityRow(
            new_id(),
            kind,
            item.caller.client_id,
            f"{kind}:{cause}",
            item.digest,
            sheet.owner.id,
            item.store.id,
            None,
            cause,
            None,
            sheet.state.context.version,
            item.activity.occurred_at,
            ENCODER.encode({"kind": kind, "cause": cause, **body}),
            record,
        )
    )
