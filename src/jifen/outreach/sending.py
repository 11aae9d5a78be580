"""Sending notices: the reader of their events.

Names, phones and addresses are looked up here and go nowhere but to the channel. What became of a
notice is written with the delivery record; that the member was told, with that.
"""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from jifen.common.outbox.types import EventInfo, Undeliverable
from jifen.earning import selectors as earning
from jifen.ledger import services as ledger
from jifen.members import selectors as members
from jifen.members import services as member_services
from jifen.outreach.channels.base import Letter
from jifen.outreach.channels.registry import CHANNELS
from jifen.outreach.models import Clearing, Notice
from jifen.outreach.planning import DEFAULT, TOPIC, Sent
from jifen.outreach.rules.texts import Text, Told, text_of
from jifen.programmes import selectors as programmes

READER: Final = "notices"
_PAYLOAD: Final = msgspec.json.Decoder(Sent)


class NoticeReader:
    """Sends the notice that an event names."""

    name: str = READER
    topics: frozenset[str] = frozenset({TOPIC})

    def deliver(self, event: EventInfo, *, at: datetime) -> str | None:
        """Send it and answer the channel; None when nothing was left to do."""
        notice = _notice(event)
        if notice.state != Notice.State.PLANNED:
            return None
        if notice.ends_at <= at:
            raise Undeliverable("too_late")
        if notice.clearing_id is not None and _is_cancelled(notice):
            raise Undeliverable("clear_cancelled")
        person = members.member(notice.member_id)
        known = {each.kind: each.value for each in reversed(person.identities)}
        unit = next(u for u in programmes.units().values() if u.id == notice.unit_id)
        how = earning.endings(at).notices.get(unit.code, DEFAULT)
        text = text_of(
            Told(
                kind=notice.kind,
                points=notice.points,
                units={"zh": unit.name_zh, "en": unit.name_en},
                programme=programmes.programme().name,
                last_day=notice.ends_on,
                name=person.name,
            ),
            how.languages,
        )
        return _send(how.channels, known, _letter(notice, text, at))

    def delivered(self, event: EventInfo, answer: str | None, *, at: datetime) -> None:
        """It is sent, and the member is told."""
        if answer is None:
            return
        notice = _notice(event)
        member_services.lock([notice.member_id])
        Notice.objects.filter(id=notice.id, state=Notice.State.PLANNED).update(
            state=Notice.State.SENT, channel=answer, reason="", done_at=at
        )
        if notice.kind == "expiry":
            until = notice.ends_at if notice.is_late else None
            span = (notice.account_id, notice.begins_at, notice.covers_to, until)
            ledger.tell(told=[span], at=at)

    def gave_up(self, event: EventInfo, reason: str, *, at: datetime) -> None:
        """It failed, and why."""
        Notice.objects.filter(id=_notice(event).id, state=Notice.State.PLANNED).update(
            state=Notice.State.FAILED, reason=reason, done_at=at
        )


def _notice(event: EventInfo) -> Notice:
    found: Notice = Notice.objects.get(id=_PAYLOAD.decode(event.payload).notice)
    return found


def _is_cancelled(notice: Notice) -> bool:
    cancelled = Clearing.objects.filter(id=notice.clearing_id, state=Clearing.State.CANCELLED)
    return bool(cancelled.exists())


def _letter(notice: Notice, text: Text, at: datetime) -> Letter:
    return Letter(notice.id, notice.member_id, text.subject, text.body, at)


def _send(channels: tuple[str, ...], known: dict[str, str], letter: Letter) -> str:
    """By the first channel that reaches the member."""
    for name in channels:
        channel = CHANNELS[name]
        address = channel.address(known)
        if address is not None:
            channel.send(letter, address)
            return name
    raise Undeliverable("no_address")
