"""Reads of the earning room: activities, and why each gave what it gave."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Final
from uuid import UUID

import msgspec
from django.db.models import Q

from jifen.earning.context import Directory, in_force
from jifen.earning.endings import Clear, Endings, Notices, endings
from jifen.earning.errors import OrderNotFound, UnknownActivity
from jifen.earning.lists import pass_uses, top_ups
from jifen.earning.models import Activity
from jifen.earning.record import RECORDS, Record
from jifen.earning.rules.describe import sentences
from jifen.earning.rules.document import schema
from jifen.earning.rules.ladder import Names
from jifen.earning.rules.messages import MESSAGES, Language
from jifen.earning.rules.offset import Offset, OffsetQuote
from jifen.earning.rules.policy import Policy
from jifen.earning.rules.receipt import money, price_sentences
from jifen.earning.trials import Faulty, Told, Trial, TriedTier, check_publishable, trial
from jifen.earning.types import ActivityInfo, Explanation, Facts, Line, MemberRef
from jifen.earning.types.effects import WhatIf
from jifen.earning.what_if import what_if
from jifen.ledger import selectors as ledger
from jifen.ledger.types import PaidBy, PostingInfo
from jifen.members import selectors as members
from jifen.members.types import IdentityValue, UnknownMember
from jifen.programmes import selectors as programmes
from jifen.programmes.types import Stores

__all__ = [
    "Clear",
    "Endings",
    "Faulty",
    "Notices",
    "Told",
    "Trial",
    "TriedTier",
    "WhatIf",
    "activities",
    "activity",
    "activity_by_reference",
    "check_publishable",
    "elsewhere",
    "endings",
    "explain",
    "offset",
    "pass_uses",
    "quote_offset",
    "schema",
    "segments_of_rules",
    "tier_names",
    "top_ups",
    "trial",
    "what_if",
]
SHOWN: Final = frozenset({"transfer_in", "transfer_offer", "transfer_out", "transfer_declined"})
"""Rows by which a second member sees what an act did."""
BETWEEN_MEMBERS: Final = SHOWN | {"transfer", "acceptance", "decline"}
NOWHEN: Final = datetime(1, 1, 1)  # noqa: DTZ001 - local wall time, as facts hold it
_MOVED: Final = {
    "en": {
        "burn": "{points} {unit} paid on the order",
        "give_back": "{points} {unit} given back for what was refunded",
        "clawback": "{points} {unit} clawed back",
        "expire": "{points} {unit} expired at once, being past their date",
        "adjust_up": "{points} {unit} adjusted up by {actor}: {reason}",
        "adjust_down": "{points} {unit} adjusted down by {actor}: {reason}",
        "ripen": "{points} {unit} became spendable",
        "hold": "{points} {unit} held",
        "release": "{points} {unit} released from a hold",
        "transfer_out": "{points} {unit} transferred to another member",
        "transfer_in": "{points} {unit} transferred from another member",
        "waive": "{points} {unit} of what was owed waived by {actor}: {reason}",
        "undo_expiry": "{points} {unit} that had expired given again by {actor}: {reason}",
        "top_up": "{points} {unit} topped up",
        "pay_out": "{points} {unit} paid out to where it came from",
        "conversion:burn": "{points} {unit} converted",
        "conversion:earn": "{points} {unit} given for it",
        "pass_use:burn": "{points} {unit} used",
        "reversal:give_back": "{points} {unit} given back",
        "capture:burn": "{points} {unit} captured",
        "hold:hold": "",  # told with its end
        "transfer:hold": "",
        "transfer_out:release": "The hold of {points} {unit} has ended",
        "deficit": "the account now owes {points} {unit}; the next earn pays them first",
        "leave:expire": "{points} {unit} forfeited, the membership having ended: {reason}",
        "erasure:expire": "{points} {unit} forfeited, the membership having ended",
        "merge:transfer_out": "{points} {unit} left the account of the merged member",
        "merge:transfer_in": "{points} {unit} arrived, with their origin and date",
        "merge:waive": "{points} {unit} that the merged member owed are the survivor's to pay",
        "merge:clawback": "{points} {unit} taken for what the merged member owed",
        "merge_undo:transfer_out": "{points} {unit} left the account of the survivor",
        "merge_undo:transfer_in": "{points} {unit} back with the member who had been merged",
        "merge_undo:clawback": "{points} {unit} owed again by the member who had been merged",
        "merge_undo:give_back": "{points} {unit} given back that had been paid for that member",
        "merge_undo:waive": "{points} {unit} owed no more for that member",
        "merge_undo:adjust_up": "{points} {unit} given back that had been paid for that member",
        "refund:transfer_out": "{points} {unit} left the account of the member who was merged",
        "refund:transfer_in": "{points} {unit} arrived with their date, the members being merged",
        "reversal:transfer_out": "{points} {unit} left the account of the member who was merged",
        "reversal:transfer_in": "{points} {unit} arrived with their date, the members being merged",
    },
    "zh": {
        "burn": "订单抵现 {points} {unit}",
        "give_back": "因退款退回 {points} {unit}",
        "clawback": "追回 {points} {unit}",
        "expire": "{points} {unit} 已过有效期，当即过期",
        "adjust_up": "{actor} 人工调整增加 {points} {unit}：{reason}",
        "adjust_down": "{actor} 人工调整减少 {points} {unit}：{reason}",
        "ripen": "{points} {unit} 转为可用",
        "hold": "冻结 {points} {unit}",
        "release": "解冻 {points} {unit}",
        "transfer_out": "转赠其他会员 {points} {unit}",
        "transfer_in": "获其他会员转赠 {points} {unit}",
        "waive": "{actor} 豁免欠分 {points} {unit}：{reason}",
        "undo_expiry": "{actor} 撤销过期，补回 {points} {unit}：{reason}",
        "top_up": "充值 {points} {unit}",
        "pay_out": "原路退回 {points} {unit}",
        "conversion:burn": "兑换使用 {points} {unit}",
        "conversion:earn": "兑换获得 {points} {unit}",
        "pass_use:burn": "使用 {points} {unit}",
        "reversal:give_back": "退回 {points} {unit}",
        "capture:burn": "确认扣减冻结的 {points} {unit}",
        "hold:hold": "",
        "transfer:hold": "",
        "transfer_out:release": "{points} {unit} 的冻结结束",
        "deficit": "账户现欠 {points} {unit}，下次发放时先行抵扣",
        "leave:expire": "会员退会，{points} {unit} 作废：{reason}",
        "erasure:expire": "会员退会，{points} {unit} 作废",
        "merge:transfer_out": "被合并会员转出 {points} {unit}",
        "merge:transfer_in": "转入 {points} {unit}，来源与有效期不变",
        "merge:waive": "被合并会员所欠 {points} {unit} 改由合并后会员承担",
        "merge:clawback": "为被合并会员的欠分扣减 {points} {unit}",
        "merge_undo:transfer_out": "合并后会员转出 {points} {unit}",
        "merge_undo:transfer_in": "{points} {unit} 归还原会员",
        "merge_undo:clawback": "原会员重新欠 {points} {unit}",
        "merge_undo:give_back": "退还代付的 {points} {unit}",
        "merge_undo:waive": "不再代欠 {points} {unit}",
        "merge_undo:adjust_up": "退还代付的 {points} {unit}",
        "refund:transfer_out": "被合并会员转出 {points} {unit}",
        "refund:transfer_in": "因会员已合并，转入 {points} {unit}，有效期不变",
        "reversal:transfer_out": "被合并会员转出 {points} {unit}",
        "reversal:transfer_in": "因会员已合并，转入 {points} {unit}，有效期不变",
    },
}


_CLIMBED: Final = {
    "en": {"up": "tier {before} → {after}", "first": "tier {after} reached", "none": "no tier now"},
    "zh": {"up": "等级 {before} → {after}", "first": "达到等级 {after}", "none": "不再有等级"},
}


def activity(activity_id: UUID, *, stores: Stores = None) -> ActivityInfo:
    """One activity, of these stores, or :class:`UnknownActivity`."""
    return _infos([_row(activity_id, stores)], Directory())[0]


def activity_by_reference(*, reference: str, store: str | None = None) -> ActivityInfo:
    """The purchase with this reference, in the default store without one."""
    directory = Directory()
    place = directory.store(store)
    row = Activity.objects.filter(store_id=place.id, kind="purchase", reference=reference).first()
    if row is None:
        raise OrderNotFound(
            f"store {place.code} has no purchase with this reference", reference=reference
        )
    return _infos([row], directory)[0]


def activities(
    *, member_id: UUID, before: UUID | None, limit: int, stores: Stores = None
) -> list[ActivityInfo]:
    """A member's activities at these stores, the newest first, before a given one."""
    rows = Activity.objects.filter(_at(stores), member_id=member_id).order_by("-id")
    if before is not None:
        rows = rows.filter(id__lt=before)
    return _infos(rows[:limit], Directory())


def elsewhere(activity_ids: Collection[UUID], *, stores: Stores) -> set[UUID]:
    """Those of these ids that name no activity of these stores."""
    if stores is None:
        return set()
    here = Activity.objects.filter(_at(stores), id__in=list(activity_ids))
    return set(activity_ids) - set(here.values_list("id", flat=True))


def explain(activity_id: UUID, *, language: Language, stores: Stores = None) -> Explanation:
    """Everything about one activity, of these stores, or :class:`UnknownActivity`; what is related
    to it elsewhere is left out."""
    row = _row(activity_id, stores)
    record = RECORDS.decode(row.record)
    directory = Directory()
    teller = _Teller(directory, row.rule_set_version, language)
    around = Q(of_id=activity_id)
    if row.of_id:
        around |= Q(id=row.of_id)
    related = Activity.objects.filter(around, _at(stores)).order_by("id")
    postings = _postings(row)
    burns = any(posting.kind == "burn" for posting in postings)
    paid_by = ledger.paid_by(activity_id) if burns else ()
    return Explanation(
        activity=_infos([row], directory)[0],
        facts=record.facts,
        sentences=(
            *teller.price(record),
            *teller.award(record),
            *teller.moves(row.kind, postings, record),
            *teller.climbs(record),
            *teller.sources(row.kind, paid_by),
        ),
        postings=postings,
        related=tuple(_infos(related, directory)),
        paid_by=paid_by,
    )


def _postings(row: Activity) -> tuple[PostingInfo, ...]:
    """What an activity moved. Of what is between two members each sees its own side, also by the
    row that its cause wrote into the other one's history."""
    if row.kind not in BETWEEN_MEMBERS:
        return ledger.postings_of([row.id])
    transaction_id = row.of_id if row.kind in SHOWN and row.of_id else row.id
    return ledger.postings_of([transaction_id], member_id=row.member_id)


def segments_of_rules(at: datetime) -> frozenset[str]:
    """The segments that rules in force or to come are for."""
    directory = Directory()
    policies = (directory.policy_of(each.version) for each in programmes.versions_from(at))
    return frozenset().union(*(policy.segments for policy in policies))


def tier_names(at: datetime) -> dict[str, Names]:
    """The tiers of the rule set in force, the lowest first, with their names; none before there
    are any rules."""
    policy = _policy(at)
    ladder = policy.ladder if policy else None
    return {rung.code: rung.name for rung in ladder.rungs} if ladder else {}


def offset(at: datetime) -> Offset | None:
    """What points pay under the rule set in force; nothing before there are any rules."""
    policy = _policy(at)
    return policy.document.offset if policy else None


def _policy(at: datetime) -> Policy | None:
    """The rules in force; none before there are any."""
    found = programmes.versions_from(at)
    return Directory().policy_of(found[0].version) if found else None


def quote_offset(*, member: MemberRef, lines: Sequence[Line], at: datetime) -> OffsetQuote:
    """The most points that the member may pay on these lines now."""
    context = in_force(at)
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


def _at(stores: Stores) -> Q:
    """What was booked for these stores."""
    ids = programmes.store_ids(stores)
    return Q() if ids is None else Q(store_id__in=ids)


def _row(activity_id: UUID, stores: Stores) -> Activity:
    row: Activity | None = Activity.objects.filter(_at(stores), id=activity_id).first()
    if row is None:
        raise UnknownActivity("no such activity in this programme", id=str(activity_id))
    return row


def _infos(rows: Iterable[Activity], directory: Directory) -> list[ActivityInfo]:
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
                store=directory.store_by_id(row.store_id).code,
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


class _Teller:
    """Tells one activity in one language. What it names is read once, by ``directory``."""

    def __init__(self, directory: Directory, version: int, language: Language) -> None:
        self._directory = directory
        self._language: Language = language
        self._ladder = directory.policy_of(version).ladder
        self._symbol, self._in_minor = directory.settings.symbol, directory.settings.in_minor

    def price(self, record: Record) -> list[str]:
        """What the order cost, step by step."""
        if record.price is None:
            return []
        return price_sentences(record.price, self._language, symbol=self._symbol)

    def award(self, record: Record) -> list[str]:
        """What the rules gave and refused."""
        return sentences(
            record.award,
            record.facts or Facts(kind="", local=NOWHEN),
            self._language,
            symbol=self._symbol,
            units={code: self._name(code) for code in self._directory.settings.units},
            in_minor=self._in_minor,
        )

    def moves(self, kind: str, postings: Sequence[PostingInfo], record: Record) -> list[str]:
        """What was moved, and what is owed since."""
        texts = _MOVED[self._language]
        told = [
            texts[own if (own := f"{kind}:{posting.kind}") in texts else posting.kind].format(
                points=self._count(posting.unit, posting.moved),
                unit=self._name(posting.unit),
                actor=posting.actor,
                reason=posting.reason,
            )
            for posting in postings
            if posting.kind != "earn" or f"{kind}:earn" in texts
        ]
        owed = [
            texts["deficit"].format(
                points=self._count(balance.unit, balance.deficit), unit=self._name(balance.unit)
            )
            for balance in record.balances
            if balance.deficit
        ]
        return [sentence for sentence in told if sentence] + owed

    def climbs(self, record: Record) -> list[str]:
        """The change of tier that the activity made, if any."""
        if record.tier_before is None:
            return []
        rungs = self._ladder.rungs if self._ladder else ()
        names = {rung.code: getattr(rung.name, self._language) for rung in rungs}
        before, after = record.tier_before, record.tier
        how = ("up" if before else "first") if after else "none"
        return [
            _CLIMBED[self._language][how].format(
                before=names.get(before, before), after=names.get(after, after)
            )
        ]

    def sources(self, kind: str, paid_by: Sequence[PaidBy]) -> list[str]:
        """Whose points bought the pass that was used."""
        if kind != "pass_use":
            return []
        return [
            MESSAGES[self._language]["paid_by"].format(
                points=part.points, unit=self._name(part.unit), merchant=part.merchant
            )
            for part in paid_by
        ]

    def _name(self, code: str) -> str:
        unit = self._directory.unit(code)
        return unit.name_zh if self._language == "zh" else unit.name_en

    def _count(self, unit: str, points: int) -> str:
        return money(points, self._symbol) if unit in self._in_minor else str(points)
