"""What a member holds, and how it came to be so."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from dmr import Path, Query, modify
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from jifen.common import clock
from jifen.earning import selectors as earning_reads
from jifen.earning import services as earning
from jifen.earning.types import Code, Line, MemberRef
from jifen.faces.api import cursors
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open import answers
from jifen.faces.api.open.members import MemberPath
from jifen.ledger import selectors as ledger
from jifen.ledger.types import LotInfo, PostingInfo
from jifen.members import selectors as members
from jifen.programmes import selectors as programmes
from jifen.programmes.types import Stores, UnknownUnit


class StatementQuery(answers.Page, frozen=True):
    """Which account, and which part of its list. Without ``unit`` it is the first one."""

    unit: Code | None = None


class Cart(Struct, frozen=True, forbid_unknown_fields=True):
    """What a member is about to buy."""

    member: MemberRef
    lines: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=5_000)]


class Balances(ApiController):
    """A member's accounts."""

    tags = ("balances",)

    @modify(operation_id="getBalances")
    def get(self, parsed_path: Path[MemberPath]) -> answers.Balances:
        """Read every account of a member as it stands now: what is past its date is not in it."""
        member = members.member(parsed_path.member_id)
        held = ledger.balances(member_id=member.id, at=clock.now())
        return answers.Balances(member.id, held)


class Statement(ApiController):
    """The postings of one account."""

    tags = ("balances",)

    @modify(operation_id="getStatement")
    def get(
        self, parsed_path: Path[MemberPath], parsed_query: Query[StatementQuery]
    ) -> answers.Statement:
        """Read the postings of one account, the newest first."""
        member = members.member(parsed_path.member_id)
        unit = _unit(parsed_query.unit)
        found = ledger.statement(
            member_id=member.id,
            unit=unit,
            before=cursors.read_number(parsed_query.cursor),
            limit=parsed_query.limit + 1,
        )
        page = list(found[: parsed_query.limit])
        more = len(found) > len(page)
        return answers.Statement(
            unit=unit,
            postings=_seen(page, self.client.stores),
            next_cursor=cursors.after_number(page[-1].seq) if more else None,
        )


class OpenLots(ApiController):
    """The open lots of one account."""

    tags = ("balances",)

    @modify(operation_id="listLots")
    def get(
        self, parsed_path: Path[MemberPath], parsed_query: Query[StatementQuery]
    ) -> answers.Lots:
        """List what is left of what one account earned, the first to end first.

        What is held is in no lot, and what is past its date is left out."""
        member = members.member(parsed_path.member_id)
        unit = _unit(parsed_query.unit)
        skip = cursors.read_number(parsed_query.cursor) or 0
        found = ledger.lots(
            member_id=member.id,
            unit=unit,
            at=clock.now(),
            skip=skip,
            limit=parsed_query.limit + 1,
        )
        page = list(found[: parsed_query.limit])
        more = len(found) > len(page)
        return answers.Lots(
            unit=unit,
            lots=[_lot_seen(lot, self.client.stores) for lot in page],
            next_cursor=cursors.after_number(skip + len(page)) if more else None,
        )


class OffsetQuotation(ApiController):
    """What a member may pay with points."""

    tags = ("balances",)

    @modify(status_code=HTTPStatus.OK, operation_id="quoteOffset")
    def post(self, parsed_body: BodyMsgspec[Cart]) -> answers.OffsetQuote:
        """Quote the most points that a member may pay on these lines, and what they are worth."""
        quote = earning.quote_offset(
            member=parsed_body.member, lines=parsed_body.lines, at=clock.now()
        )
        return answers.OffsetQuote(quote.points, quote.worth_minor, quote.refusal)


def _seen(postings: list[PostingInfo], stores: Stores) -> list[PostingInfo]:
    """Postings as the caller may read them. What a member holds is the programme's, and adds up for
    everybody; why, and by whom, is for those who work where it was booked."""
    elsewhere = earning_reads.elsewhere({row.transaction_id for row in postings}, stores=stores)
    return [
        replace(row, rule="", reason="", actor="") if row.transaction_id in elsewhere else row
        for row in postings
    ]


def _lot_seen(lot: LotInfo, stores: Stores) -> LotInfo:
    """A lot as the caller may read it: of another store's it is not told whose."""
    is_ours = stores is None or lot.store in stores
    return lot if is_ours else replace(lot, rule="", store="")


def _unit(code: str | None) -> str:
    """The unit that is asked for, the first one if none is, or ``UnknownUnit``."""
    units = programmes.units()
    unit = code or next(iter(units), "")
    if unit not in units:
        raise UnknownUnit(f"no unit has the code {unit!r}", unit=unit)
    return unit
