"""By what members are chosen: a condition is a small tree, read strictly.

``all``, ``any`` and ``not`` join the others. Days are local days of the programme: "the last 30
days" are today and the 30 days before it. Periods are half-open.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Annotated, Any, Final

import msgspec
from msgspec import Meta, Struct

from jifen.common.errors import InvalidInput
from jifen.common.schemas import prose

DEEPEST: Final = 8
MOST_PARTS: Final = 100
_MOST_MINOR: Final = 10**15

Days = Annotated[int, Meta(ge=0, le=3_660, description="Today and so many days before it.")]
Codes = Annotated[
    tuple[Annotated[str, Meta(min_length=1, max_length=60)], ...],
    Meta(min_length=1, max_length=200),
]
Minor = Annotated[int, Meta(ge=0, le=_MOST_MINOR)]
Count = Annotated[int, Meta(ge=0, le=2**31 - 1)]
MonthDay = Annotated[
    str, Meta(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$", description="06-18")
]


class _Condition(Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind",
                 omit_defaults=True):  # fmt: skip
    """One node of the tree."""


class AllOf(_Condition, frozen=True, tag="all", omit_defaults=True):
    """Every part holds."""

    of: Annotated[tuple[Condition, ...], Meta(min_length=1, max_length=MOST_PARTS)]


class AnyOf(_Condition, frozen=True, tag="any", omit_defaults=True):
    """At least one part holds."""

    of: Annotated[tuple[Condition, ...], Meta(min_length=1, max_length=MOST_PARTS)]


class NotOf(_Condition, frozen=True, tag="not", omit_defaults=True):
    """The part does not hold."""

    of: Condition


class BySpend(_Condition, frozen=True, kw_only=True, tag="spend", omit_defaults=True):
    """Money paid and kept, in minor units: in all, or within the last ``days`` (an order counts on
    its day, a refund on the day of the refund), in some ``stores`` only."""

    at_least_minor: Minor | None = None
    below_minor: Minor | None = None
    days: Days | None = None
    stores: Codes | None = None


class ByOrders(_Condition, frozen=True, kw_only=True, tag="orders", omit_defaults=True):
    """How many orders are kept: in all, or of the last ``days``, in some ``stores`` only."""

    at_least: Count | None = None
    below: Count | None = None
    days: Days | None = None
    stores: Codes | None = None


class ByLastOrder(_Condition, frozen=True, kw_only=True, tag="last_order", omit_defaults=True):
    """The last order, kept or not, is of the last ``days``."""

    days: Days
    stores: Codes | None = None


class ByLastVisit(_Condition, frozen=True, kw_only=True, tag="last_visit", omit_defaults=True):
    """The last visit is of the last ``days``: an order, or a behaviour ``visit``."""

    days: Days
    stores: Codes | None = None


class ByTier(_Condition, frozen=True, kw_only=True, tag="tier", omit_defaults=True):
    """The tier in force is one of these; an empty text is no tier."""

    any_of: Annotated[
        tuple[Annotated[str, Meta(max_length=60)], ...], Meta(min_length=1, max_length=100)
    ]


class ByTag(_Condition, frozen=True, kw_only=True, tag="tag", omit_defaults=True):
    """The member has one of these tags."""

    any_of: Codes


class ByBirthday(_Condition, frozen=True, kw_only=True, tag="birthday", omit_defaults=True):
    """The birthday is from one day of the year to another, both included, also across New Year;
    or it is today or within ``next_days``."""

    first: MonthDay | None = None
    last: MonthDay | None = None
    next_days: Annotated[int, Meta(ge=0, le=366)] | None = None


class ByStore(_Condition, frozen=True, kw_only=True, tag="store", omit_defaults=True):
    """The member enrolled at one of these stores."""

    any_of: Codes


class ByEnrolment(_Condition, frozen=True, kw_only=True, tag="enrolled", omit_defaults=True):
    """The member enrolled on or after ``since`` and before ``until`` (local days), or within the
    last ``days``."""

    since: date | None = None
    until: date | None = None
    days: Days | None = None


Condition = (
    AllOf
    | AnyOf
    | NotOf
    | BySpend
    | ByOrders
    | ByLastOrder
    | ByLastVisit
    | ByTier
    | ByTag
    | ByBirthday
    | ByStore
    | ByEnrolment
)


class InvalidSegment(InvalidInput):
    """A condition that fits its shape and still says nothing."""

    code = "invalid_segment"


def schema() -> dict[str, Any]:
    """The JSON schema of a condition; ``$defs`` has one entry for each kind."""
    return prose(msgspec.json.schema(Condition))


def check(condition: Condition) -> None:
    """Raise :class:`InvalidSegment` for what cannot be asked, with its place as ``at``."""
    parts = list(_walk(condition, "$", 1))
    if len(parts) > MOST_PARTS:
        raise InvalidSegment(f"a condition has at most {MOST_PARTS} parts", at="$")
    for each, at in parts:
        fault = _fault(each)
        if fault:
            raise InvalidSegment(fault, at=at)


def stores_in(condition: Condition) -> set[str]:
    """The codes of the stores that the condition names."""
    named: set[str] = set()
    for each, _ in _walk(condition, "$", 1):
        if isinstance(each, ByStore):
            named |= set(each.any_of)
        elif isinstance(each, BySpend | ByOrders | ByLastOrder | ByLastVisit):
            named |= set(each.stores or ())
    return named


def tiers_in(condition: Condition) -> set[str]:
    """The codes of the tiers that the condition names."""
    return {
        tier
        for each, _ in _walk(condition, "$", 1)
        if isinstance(each, ByTier)
        for tier in each.any_of
        if tier
    }


def _walk(condition: Condition, at: str, depth: int) -> Iterator[tuple[Condition, str]]:
    if depth > DEEPEST:
        raise InvalidSegment(f"a condition is at most {DEEPEST} deep", at=at)
    yield condition, at
    if isinstance(condition, NotOf):
        yield from _walk(condition.of, f"{at}.of", depth + 1)
    elif isinstance(condition, AllOf | AnyOf):
        for position, part in enumerate(condition.of):
            yield from _walk(part, f"{at}.of[{position}]", depth + 1)


def _fault(condition: Condition) -> str | None:
    """Why one node says nothing, or nothing that could be."""
    match condition:
        case BySpend(at_least_minor=low, below_minor=high):
            return _range_fault(low, high, "at_least_minor", "below_minor")
        case ByOrders(at_least=low, below=high):
            return _range_fault(low, high, "at_least", "below")
        case ByBirthday(first=first, last=last, next_days=ahead):
            window = first is not None and last is not None
            if (first is None) != (last is None) or window == (ahead is not None):
                return "name first and last, or next_days"
        case ByEnrolment(since=since, until=until, days=days):
            if (days is None) == (since is None and until is None):
                return "name since or until or both, or days"
            if since is not None and until is not None and since >= until:
                return "since comes before until"
        case _:
            pass
    return None


def _range_fault(low: int | None, high: int | None, least: str, below: str) -> str | None:
    if low is None and high is None:
        return f"name {least} or {below}"
    if low is not None and high is not None and low >= high:
        return f"{least} is less than {below}"
    return None
