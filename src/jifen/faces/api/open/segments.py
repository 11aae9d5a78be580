"""Segments: members chosen by a condition, counted and listed."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any
from uuid import UUID

from django.http import HttpResponse
from dmr import Path, Query, ResponseSpec, modify, validate
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import Meta, Struct

from jifen.audience import listing, selectors, services
from jifen.audience.listing import Filters
from jifen.audience.types import Condition, SegmentInfo
from jifen.common import clock
from jifen.faces.api import cursors
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open import answers
from jifen.faces.api.open.members import list_members

MOST_IDS = 1_000
SHOWN = 20
"""How many members a preview names."""

SegmentCode = Annotated[
    str, Meta(min_length=1, max_length=60, pattern=r"^[A-Za-z0-9_.:-]+$", description="Its code.")
]


class SegmentPath(Struct, frozen=True):
    """The segment's code."""

    code: SegmentCode


class SegmentBody(Struct, frozen=True, forbid_unknown_fields=True):
    """A name for people, and the condition."""

    name: Annotated[str, Meta(min_length=1, max_length=120)]
    condition: Condition


class Asked(Struct, frozen=True, forbid_unknown_fields=True):
    """A condition that nobody has saved yet."""

    condition: Condition


class Segment(Struct, frozen=True):
    """A segment."""

    code: str
    name: str
    condition: Condition
    updated_at: datetime
    updated_by: str


class Segments(Struct, frozen=True):
    """Every segment, by code."""

    segments: list[Segment]


class SegmentCount(Struct, frozen=True):
    """How many members are in it, and the instant at which that was so."""

    members: int
    at: datetime


class SegmentPreview(Struct, frozen=True):
    """How many members a condition chooses, and the first of them."""

    members: int
    at: datetime
    first: list[UUID]


class IdPage(Struct, frozen=True):
    """Which part of the ids: ``cursor`` as the last page gave it, at most ``limit``."""

    cursor: answers.Cursor | None = None
    limit: Annotated[int, Meta(ge=1, le=MOST_IDS, description="Ids at most.")] = MOST_IDS


class SegmentIds(Struct, frozen=True):
    """A page of ids; no ``next_cursor`` means that it is the last. One that has a cursor may be
    short, or empty."""

    ids: list[UUID]
    next_cursor: str | None


class SegmentList(ApiController):
    """The segments."""

    tags = ("segments",)

    @modify(operation_id="listSegments")
    def get(self) -> Segments:
        """List segments by code."""
        return Segments([_segment(info) for info in selectors.segments(stores=self.client.stores)])


class ConditionSchema(ApiController):
    """What a condition may hold."""

    tags = ("segments",)

    @modify(operation_id="getConditionSchema")
    def get(self) -> dict[str, Any]:
        """Read the JSON Schema of a segment's condition."""
        return selectors.schema()


class OneSegment(ApiController):
    """A segment."""

    tags = ("segments",)

    @modify(operation_id="getSegment")
    def get(self, parsed_path: Path[SegmentPath]) -> Segment:
        """Read a segment with its condition."""
        return _segment(selectors.segment(parsed_path.code, stores=self.client.stores))

    @modify(operation_id="putSegment")
    def put(self, parsed_path: Path[SegmentPath], parsed_body: BodyMsgspec[SegmentBody]) -> Segment:
        """Write a segment, replacing what it was."""
        info = services.save_segment(
            code=parsed_path.code,
            name=parsed_body.name,
            condition=parsed_body.condition,
            by=self.client.name,
            at=clock.now(),
            stores=self.client.stores,
        )
        return _segment(info)

    @validate(
        ResponseSpec(None, status_code=HTTPStatus.NO_CONTENT, description="Deleted."),
        operation_id="deleteSegment",
    )
    def delete(self, parsed_path: Path[SegmentPath]) -> HttpResponse:
        """Delete a segment."""
        services.drop_segment(code=parsed_path.code, at=clock.now(), stores=self.client.stores)
        return self.to_response(None, status_code=HTTPStatus.NO_CONTENT)


class Counting(ApiController):
    """The size of a segment."""

    tags = ("segments",)

    @modify(operation_id="countSegment")
    def get(self, parsed_path: Path[SegmentPath]) -> SegmentCount:
        """Count the members who are in a segment now."""
        at = clock.now()
        condition = selectors.segment(parsed_path.code, stores=self.client.stores).condition
        return SegmentCount(selectors.count(condition, at=at), at)


class Listing(ApiController):
    """The members of a segment."""

    tags = ("segments",)

    @modify(operation_id="listSegmentMembers")
    def get(
        self, parsed_path: Path[SegmentPath], parsed_query: Query[answers.Page]
    ) -> answers.Members:
        """List the members who are in a segment now, in the order of their enrolment."""
        return list_members(self, Filters(segment=parsed_path.code), parsed_query)


class Ids(ApiController):
    """The ids of a segment's members."""

    tags = ("segments",)

    @modify(operation_id="listSegmentIds")
    def get(self, parsed_path: Path[SegmentPath], parsed_query: Query[IdPage]) -> SegmentIds:
        """List the ids of the members who are in a segment now, in the order of their enrolment.

        Each page is asked anew: who leaves the segment meanwhile is not on a later one. A page
        looks at 5,000 members at most, so one that has a cursor may be short, or empty.
        """
        found = listing.page(
            Filters(segment=parsed_path.code),
            after=cursors.read_id(parsed_query.cursor),
            limit=parsed_query.limit,
            at=clock.now(),
            stores=self.client.stores,
        )
        following = None if found.after is None else cursors.after_id(found.after)
        return SegmentIds(found.ids, following)


class Preview(ApiController):
    """What a condition would choose."""

    tags = ("segments",)

    @modify(status_code=HTTPStatus.OK, operation_id="previewSegment")
    def post(self, parsed_body: BodyMsgspec[Asked]) -> SegmentPreview:
        """Count the members whom a condition chooses now, and name the first twenty by id."""
        at = clock.now()
        services.check_condition(parsed_body.condition, at=at, stores=self.client.stores)
        return SegmentPreview(
            members=selectors.count(parsed_body.condition, at=at),
            at=at,
            first=selectors.members(parsed_body.condition, at=at, after=None, limit=SHOWN),
        )


def _segment(info: SegmentInfo) -> Segment:
    return Segment(info.code, info.name, info.condition, info.updated_at, info.updated_by)
