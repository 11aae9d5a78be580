"""An example of single acts that are no orders, by kind. A test decodes every one of them."""

from __future__ import annotations

from typing import Any, Final

Json = dict[str, Any]

_EARLIER_ID: Final = "0197f3a0-7c00-7000-8000-0000000000a1"
_AT: Final = "2026-05-03T10:00:00+08:00"
_MEMBER: Final[Json] = {"kind": "phone", "value": "13812342186"}
_FRIEND: Final[Json] = {"kind": "card", "value": "2600 0031"}
_STAFF: Final[Json] = {"reason": "complaint 4711", "actor": "Li Na"}


def _act(kind: str, **fields: Any) -> Json:
    return {"kind": kind, "occurred_at": _AT, **fields}


ACTS: Final[dict[str, Json]] = {
    example["kind"]: example
    for example in (
        _act("confirmation", of={"reference": "T3-000123"}),
        _act("hold", reference="W-88", member=_MEMBER, unit="points", points=500, minutes=30),
        _act("capture", of=_EARLIER_ID, points=300),
        _act("release", of=_EARLIER_ID),
        _act("transfer", member=_MEMBER, to=_FRIEND, unit="points", points=100, note="for the tea"),
        _act("acceptance", of=_EARLIER_ID, member=_FRIEND),
        _act("decline", of=_EARLIER_ID, member=_FRIEND),
        _act("gift", member=_MEMBER, unit="points", points=200, **_STAFF),
        _act("waiver", member=_MEMBER, unit="points", **_STAFF),
        _act(
            "expiry_undo",
            member=_MEMBER,
            transaction_id=_EARLIER_ID,
            expires_at="2027-01-01T00:00:00+08:00",
            **_STAFF,
        ),
    )
}
