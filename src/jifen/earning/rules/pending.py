"""Pending: from when the points of an order are spendable.

Points pend to the end of a local day in the programme's zone, or until an event. Only what an order
gives pends, also for a tier that it reached; growth never does. A lot never ends before it was
spendable: where its date would come first, validity is counted from the day on which it ripens.
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Annotated, Final

from msgspec import Meta, Struct

KINDS: Final = ("bonus", "pass", "points")
"""Kinds of unit that may pend."""
Some = Annotated[int, Meta(ge=1, le=3_650)]


class Days(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind",
           tag="days"):  # fmt: skip
    """Points pend to the end of the local day so many days after the day of occurrence."""

    days: Some


class Confirmed(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True,
                tag_field="kind", tag="confirmed"):  # fmt: skip
    """Points pend until the delivery of the order is confirmed; with ``days`` at the latest to the
    end of the local day so many days after the day of occurrence."""

    days: Some | None = None


Pending = Days | Confirmed


def last_day(pending: Pending, happened_on: date) -> date | None:
    """The last local day on which points of that local day pend, if nothing ripens them before.
    None: they wait for their event for ever."""
    return None if pending.days is None else happened_on + timedelta(days=pending.days)
