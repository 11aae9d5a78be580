"""Top-ups and uses of passes, as lists: by store and day, by member, or by reference."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

from dmr import Query, modify
from msgspec import Meta, Struct

from jifen.common import clock
from jifen.common.days import end_of_day
from jifen.earning import selectors as earning
from jifen.earning.types import EARLIEST, LATEST, LONGEST_KEY, Code, Listed, PassUseInfo, TopUpInfo
from jifen.faces.api import cursors
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open import answers
from jifen.faces.api.open.callers import caller_of
from jifen.faces.api.open.names import Names, names_of
from jifen.insight.types import InvalidPeriod
from jifen.programmes import selectors as programmes
from jifen.programmes.types import Client, UnknownStore

Store = Annotated[Code | None, Meta(description="A store's code; every store without one.")]
Reference = Annotated[str, Meta(min_length=1, max_length=LONGEST_KEY, pattern=r"^[^\x00]+$")]
Day = Annotated[date | None, Meta(description="A local day.")]


class ListQuery(answers.Page, frozen=True):
    """Which part of the list, at which ``store``, of which ``member``, with which ``reference``,
    from the day ``since`` to the one before ``until``."""

    store: Store = None
    member: UUID | None = None
    reference: Reference | None = None
    since: Day = None
    until: Day = None


class TopUps(Struct, frozen=True):
    """A page of top-ups, the latest first."""

    top_ups: list[TopUpInfo]
    next_cursor: str | None
    names: Names


class PassUses(Struct, frozen=True):
    """A page of uses of passes, the latest first."""

    pass_uses: list[PassUseInfo]
    next_cursor: str | None
    names: Names


class TopUpList(ApiController):
    """Top-ups."""

    tags = ("stored value",)

    @modify(operation_id="listTopUps")
    def get(self, parsed_query: Query[ListQuery]) -> TopUps:
        """List top-ups as they stand after their refunds, the latest first.

        `gave` is what the rules gave for what is left of it: bonus money, points."""
        found = earning.top_ups(_which(parsed_query, self.client))
        page = found[: parsed_query.limit]
        more = len(found) > len(page)
        names = names_of((each.member_id for each in page), caller=self)
        return TopUps(page, cursors.after_id(page[-1].id) if more else None, names)


class PassUseList(ApiController):
    """Uses of passes."""

    tags = ("passes",)

    @modify(operation_id="listPassUses")
    def get(self, parsed_query: Query[ListQuery]) -> PassUses:
        """List uses of passes, the latest first, those that were undone among them."""
        found = earning.pass_uses(_which(parsed_query, self.client))
        page = found[: parsed_query.limit]
        more = len(found) > len(page)
        names = names_of((each.member_id for each in page), caller=self)
        return PassUses(page, cursors.after_id(page[-1].id) if more else None, names)


def _which(asked: ListQuery, client: Client) -> Listed:
    """What is asked for, of the stores that the caller may read."""
    if asked.store is not None:
        caller_of(client=client, at=clock.now()).check_store(asked.store)
        if asked.store not in programmes.stores():
            raise UnknownStore(f"no store has the code {asked.store!r}", store=asked.store)
    return Listed(
        stores=client.stores if asked.store is None else (asked.store,),
        limit=asked.limit + 1,
        member_id=asked.member,
        reference=asked.reference,
        begins_at=_begin_of(asked.since, EARLIEST),
        ends_at=_begin_of(asked.until, LATEST),
        before=cursors.read_id(asked.cursor),
    )


def _begin_of(day: date | None, without: datetime) -> datetime:
    """The instant at which a local day begins."""
    if day is None:
        return without
    if not EARLIEST.date() <= day <= LATEST.date():
        raise InvalidPeriod("a period has days of the years 1900 to 8999", day=str(day))
    return end_of_day(day - timedelta(days=1), ZoneInfo(programmes.programme().time_zone))
