"""Reads of the earning room: activities, and why each gave what it gave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final, Literal
from uuid import UUID

import msgspec
from django.db.models import Q

from jifen.earning.context import Context
from jifen.earning.errors import OrderNotFound, UnknownActivity
from jifen.earning.models import Activity
from jifen.earning.record import RECORDS, Record
from jifen.earning.rules.describe import sentences
from jifen.earning.rules.document import schema
from jifen.earning.rules.offset import OffsetQuote
from jifen.earning.types import ActivityInfo, Explanation, Facts, Line, MemberRef
from jifen.ledger import selectors as ledger
from jifen.ledger.types import PostingInfo
from jifen.members import selectors as members
from jifen.members.types import IdentityValue, UnknownMember
from jifen.programmes import selectors as programmes

__all__ = [
    "activities",
    "activity",
    "activity_by_reference",
    "explain",
    "quote_offset",
    "schema",
]
Language = Literal["zh", "en"]
NOWHEN: Final = datetime(1, 1, 1)  # noqa: DTZ001 - local wall time, as facts hold it
_SYMBOLS: Final = {"CNY": "¥", "GBP": "£", "EUR": "€", "USD": "$"}
_MOVED: Final = {
    "en": {
        "burn": "{points} {unit} paid on the order",
        "give_back": "{points} {unit} given back for what was refunded",
        "clawback": "{points} {unit} clawed back",
        "expire": "{points} {unit} expired at once, being past their date",
        "adjust_up": "{points} {unit} adjusted up by {actor}: {reason}",
        "adjust_down": "{points} {unit} adjusted down by {actor}: {reason}",
        "deficit": "the account now owes {points} {unit}; the next earn pays them first",
    },
    "zh": {
        "burn": "订单抵现 {points} {unit}",
        "give_back": "因退款退回 {points} {unit}",
        "clawback": "追回 {points} {unit}",
        "expire": "{points} {unit} 已过有效期，当即过期",
        "adjust_up": "{actor} 人工调整增加 {points} {unit}：{reason}",
        "adjust_down": "{actor} 人工调整减少 {points} {unit}：{reason}",
        "deficit": "账户现欠 {points} {unit}，下次发放时先行抵扣",
    },
}


_CLIMBED: Final = {
    "en": {"up": "tier {before} → {after}", "first": "tier {after} reached", "none": "no tier now"},
    "zh": {"up": "等级 {before} → {after}", "first": "达到等级 {after}", "none": "不再有等级"},
}


def activity(activity_id: UUID) -> ActivityInfo:
    """One activity, or :class:`UnknownActivity`."""
    return _infos([_row(activity_id)])[0]


def activity_by_reference(*, reference: str, store: str | None = None) -> ActivityInfo:
    """The purchase with this reference, in the default store without one."""
    place = Context().store(store)
    row = Activity.objects.filter(store_id=place.id, kind="purchase", reference=reference).first()
    if row is None:
        raise OrderNotFound(
            f"store {place.code} has no purchase with this reference", reference=reference
        )
    return _infos([row])[0]


def activities(*, member_id: UUID, before: UUID | None, limit: int) -> list[ActivityInfo]:
    """A member's activities, the newest first, before a given one."""
    rows = Activity.objects.filter(member_id=member_id).order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    return _infos(rows[:limit])


def explain(activity_id: UUID, *, language: Language) -> Explanation:
    """Everything about one activity, or :class:`UnknownActivity`."""
    row = _row(activity_id)
    record = RECORDS.decode(row.record)
    around = Q(of_id=activity_id)
    if row.of_id:
        around |= Q(id=row.of_id)
    related = Activity.objects.filter(around).order_by("id")
    postings = ledger.postings_of([activity_id])
    return Explanation(
        activity=_infos([row])[0],
        facts=record.facts,
        sentences=(
            *_award_sentences(record, language),
            *_moves(postings, record, language),
            *_climbs(record, language),
        ),
        postings=postings,
        related=tuple(_infos(related)),
    )


def quote_offset(*, member: MemberRef, lines: Sequence[Line], at: datetime) -> OffsetQuote:
    """The most points that the member may pay on these lines now."""
    context = Context()
    member_id = _member_id(member)
    unit = context.policy.offset_unit
    held = {balance.unit: balance for balance in ledger.balances(member_id=member_id, at=at)}
    available = held[unit].available if unit in held else 0
    return context.policy.offset_quote(available, sum(line.net_minor for line in lines))


def _member_id(ref: MemberRef) -> UUID:
    if ref.kind == "id":
        try:
            return members.member(UUID(ref.value)).id
        except ValueError as error:
            raise UnknownMember("a member's id is a UUID") from error
    identity = members.normalise(IdentityValue(ref.kind, ref.value))
    found = members.find([identity])
    if identity not in found:
        raise UnknownMember("no member of this programme has this identity", kind=ref.kind)
    return found[identity]


def _row(activity_id: UUID) -> Activity:
    row: Activity | None = Activity.objects.filter(id=activity_id).first()
    if row is None:
        raise UnknownActivity("no such activity in this programme", id=str(activity_id))
    return row


def _infos(rows: Iterable[Activity]) -> list[ActivityInfo]:
    stores = {store.id: store.code for store in programmes.stores().values()}
    infos = []
    for row in rows:
        record = RECORDS.decode(row.record)
        infos.append(
            ActivityInfo(
                id=row.id,
                kind=row.kind,
                key=row.key,
                client_id=row.client_id,
                member_id=row.member_id,
                store=stores[row.store_id],
                reference=row.reference,
                of_id=row.of_id,
                rule_set_version=row.rule_set_version,
                occurred_at=row.occurred_at,
                booked_at=row.booked_at,
                body=msgspec.json.decode(row.body),
                points=record.points,
                award=record.award,
                tier=record.tier,
            )
        )
    return infos


def _award_sentences(record: Record, language: Language) -> list[str]:
    currency = programmes.programme().currency
    facts = record.facts or Facts(kind="", local=NOWHEN)
    return sentences(
        record.award,
        facts,
        language,
        symbol=_SYMBOLS.get(currency, f"{currency} "),
        units=_unit_names(language),
    )


def _moves(postings: Sequence[PostingInfo], record: Record, language: Language) -> list[str]:
    names, texts = _unit_names(language), _MOVED[language]
    told = [
        texts[posting.kind].format(
            points=abs(posting.amount),
            unit=names[posting.unit],
            actor=posting.actor,
            reason=posting.reason,
        )
        for posting in postings
        if posting.kind != "earn"
    ]
    owed = [
        texts["deficit"].format(points=balance.deficit, unit=names[balance.unit])
        for balance in record.balances
        if balance.deficit
    ]
    return told + owed


def _climbs(record: Record, language: Language) -> list[str]:
    """The change of tier that the activity made, if any."""
    if record.tier_before is None:
        return []
    ladder = Context().policy.ladder
    names = {rung.code: getattr(rung.name, language) for rung in ladder.rungs} if ladder else {}
    before, after = record.tier_before, record.tier
    how = ("up" if before else "first") if after else "none"
    return [
        _CLIMBED[language][how].format(
            before=names.get(before, before), after=names.get(after, after)
        )
    ]


def _unit_names(language: Language) -> dict[str, str]:
    return {
        code: unit.name_zh if language == "zh" else unit.name_en
        for code, unit in programmes.units().items()
    }
