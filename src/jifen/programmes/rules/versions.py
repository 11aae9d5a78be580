"""Which published version is in force when. Pure.

A version is for what occurs from its start on; without a start, for whatever is booked once it is
published. It takes the place of all before it from there on, so of two the later published counts
wherever both have begun: nothing is ever changed or taken away, also where a version that has not
begun is withdrawn.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final, Literal, TypeVar

from jifen.programmes.types import Version

Status = Literal["in_force", "coming", "withdrawn", "past"]
V = TypeVar("V", bound=Version)
_EVER: Final = datetime.min.replace(tzinfo=UTC)
_NEVER: Final = datetime.max.replace(tzinfo=UTC)


def start_of(version: Version) -> datetime:
    """From when on it is in force; the first instant there is where it has no start."""
    return version.starts_at or _EVER


def in_force(versions: Sequence[V], at: datetime) -> V | None:
    """The version for what occurs at ``at``, of ``versions`` with the newest first."""
    return next((each for each in versions if start_of(each) <= at), None)


def coming(versions: Sequence[V], at: datetime) -> tuple[V, ...]:
    """Those that will be in force after ``at``, in that order."""
    found: list[V] = []
    bound = _NEVER
    for each in versions:
        if at < start_of(each) < bound:
            found.append(each)
        bound = min(bound, start_of(each))
    return tuple(reversed(found))


def ahead(versions: Sequence[V], at: datetime) -> tuple[V, ...]:
    """The one in force at ``at`` and those that will be after it; none without any."""
    now = in_force(versions, at)
    return (now, *coming(versions, at)) if now else ()


def statuses(versions: Sequence[V], at: datetime) -> dict[int, Status]:
    """What became of each version by ``at``. Those in whose place another came before they began
    are withdrawn."""
    now = in_force(versions, at)
    found: dict[int, Status] = {each.version: "coming" for each in coming(versions, at)}
    for position, each in enumerate(versions):
        if each is now:
            found[each.version] = "in_force"
        elif each.version not in found:
            found[each.version] = "withdrawn" if _never(each, versions[:position]) else "past"
    return found


def _never(version: Version, later: Sequence[Version]) -> bool:
    """Whether another took its place before it had begun."""
    starts_at = version.starts_at
    return starts_at is not None and any(
        start_of(each) <= starts_at and each.published_at < starts_at for each in later
    )
