"""What is kept of a request for ever: no phone, no name, no card number.

Activities and transactions are only ever added, so what names a person must never get into them:
a member stands in a kept body by id, and what staff wrote loses phone numbers and the member's own
name and identities. A person can then be forgotten without a row of history being touched.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Final, get_args, get_type_hints
from uuid import UUID

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from jifen.common.errors import JifenError
from jifen.earning.state import Item
from jifen.earning.types import Activity, MemberRef
from jifen.members import selectors as members

_ENCODER: Final = msgspec.json.Encoder()
_TEXTS: Final = ("reason", "note")
"""Where people write what they like."""


def discreet(
    items: Sequence[Item],
    owners: Mapping[int, UUID | JifenError | None],
    partners: Mapping[int, UUID],
) -> list[Item]:
    """The items with their texts as they may be kept. The digest stays that of the request."""
    talking = [item for item in items if _texts(type(item.activity)) and _said(item.activity)]
    if not talking:
        return list(items)
    whose = {
        item.position: [
            each
            for each in (owners[item.position], partners.get(item.position))
            if isinstance(each, UUID)
        ]
        for item in talking
    }
    personal = members.personal({each for both in whose.values() for each in both})
    kept = {
        item.position: _without(
            item, frozenset().union(*[personal[each] for each in whose[item.position]])
        )
        for item in talking
    }
    return [kept.get(item.position, item) for item in items]


def kept_body(item: Item, member_id: UUID | None, partners: Mapping[int, UUID]) -> bytes:
    """The body with ids where members were named by their identities; ``partners`` are the second
    members that items touch, by position."""
    activity, body = item.activity, item.body
    partner_id = partners.get(item.position)
    for field in _references(type(activity)):
        ref = getattr(activity, field)
        who = partner_id if partner_id and ref == _partner(activity) else member_id
        if ref is not None and ref.kind != "id" and who is not None:
            # A quote within a text is escaped, so these bytes are nothing but the reference.
            by_id = b'{"kind":"id","value":"%b"}' % str(who).encode()
            body = body.replace(_ENCODER.encode(ref), by_id)
    return body


def _partner(activity: Activity) -> MemberRef | None:
    """How the activity names its second member."""
    from jifen.earning.kinds import KINDS  # which knows the decisions, and they this module

    return KINDS[type(activity)].partner(activity)


def _without(item: Item, personal: frozenset[str]) -> Item:
    said = _said(item.activity)
    kept = {text: members.discreet(words, personal=personal) for text, words in said.items()}
    if kept == said:
        return item
    changed = replace(item.activity, **kept)
    return replace(item, activity=changed, body=_ENCODER.encode(changed))


def _said(activity: Activity) -> dict[str, str]:
    """What people wrote into an activity, by field."""
    texts = {name: getattr(activity, name) for name in _texts(type(activity))}
    return {name: words for name, words in texts.items() if words}


@cache
def _texts(kind: type[Struct]) -> tuple[str, ...]:
    """The fields of a kind of activity in which people write what they like."""
    return tuple(name for name in kind.__struct_fields__ if name in _TEXTS)


@cache
def _references(kind: type) -> tuple[str, ...]:
    """The fields of a kind of activity that name a member."""
    return tuple(
        name
        for name, hint in get_type_hints(kind).items()
        if hint is MemberRef or MemberRef in get_args(hint)
    )
