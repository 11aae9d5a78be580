"""What becomes of a request, or of an act that needed none, when it is sent or looked at again."""

import uuid
from datetime import timedelta
from typing import Any

from tests.api.shop import NOW
from tests.api.test_approvals import LIMIT, Desk, desk
from tests.api.test_staff import Browser

from jifen.common.clock import set_clock

__all__ = ["desk"]


def limit(desk: Desk, above: int | None) -> None:
    body = {"approval_above": above, "reason": "as agreed"}
    assert desk.owner.ask("PATCH", "programme", body).json["approval_above"] == above


def gift(**changes: Any) -> dict[str, Any]:
    return {"unit": "points", "points": 10, "reason": "party", "actor": "Li Na", **changes}


def give(who: Browser, body: dict[str, Any], key: str) -> Any:
    return who.ask("POST", "gift-runs", body, HTTP_IDEMPOTENCY_KEY=key)


def test_a_gift_that_was_booked_is_answered_whatever_the_limit_is_now(desk: Desk) -> None:
    key, body = uuid.uuid4().hex, desk.act(LIMIT)
    booked = desk.ask(body, key)
    assert booked.status == 201
    limit(desk, 1)
    again = desk.ask(body, key)
    assert (again.status, again.json["id"]) == (200, booked.json["id"])
    assert desk.available == LIMIT


def test_a_run_that_was_started_is_answered_whatever_the_limit_is_now(desk: Desk) -> None:
    key, body = uuid.uuid4().hex, gift(to={"kind": "all"})
    started = give(desk.manager, body, key)
    assert started.status == 201, started.content
    limit(desk, 1)
    again = give(desk.manager, body, key)
    assert (again.status, again.json["id"]) == (200, started.json["id"])
    other = give(desk.manager, gift(to={"kind": "all"}, points=11), key)
    assert other.code == "key_conflict"


def test_a_run_is_answered_after_its_segment_has_gone(desk: Desk) -> None:
    segment = {
        "name": "all",
        "condition": {"kind": "not", "of": {"kind": "tag", "any_of": ["none"]}},
    }
    assert desk.owner.ask("PUT", "segments/everybody", segment).status in {200, 201, 204}
    key, body = uuid.uuid4().hex, gift(to={"kind": "segment", "segment": "everybody"})
    started = give(desk.manager, body, key)
    assert started.status == 201, started.content
    assert desk.owner.ask("DELETE", "segments/everybody").status == 204
    again = give(desk.manager, body, key)
    assert (again.status, again.json["id"]) == (200, started.json["id"])


def test_a_request_that_cannot_be_done_any_more_can_be_read(desk: Desk) -> None:
    until = (NOW + timedelta(hours=1)).isoformat()
    body = gift(to={"kind": "all"}, points=LIMIT + 1, expires_at=until)
    asked = give(desk.manager, body, uuid.uuid4().hex)
    assert asked.status == 202, asked.content
    with set_clock(NOW + timedelta(hours=2)):
        told = desk.owner.ask("GET", f"approvals/{asked.json['id']}")
    assert told.status == 200
    assert told.json["preview"]["refused"] == "ends_too_early"


def test_a_reason_for_refusing_keeps_nobodys_phone(desk: Desk) -> None:
    asked = desk.asked()
    reason = {"reason": "she rang from 13812342186"}
    told = desk.owner.ask("POST", f"approvals/{asked}/refuse", reason)
    assert told.status == 200
    assert "13812342186" not in told.content.decode()
