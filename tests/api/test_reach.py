"""Who reads what: every address with every role, from another programme, and from another store."""

import json
import uuid
from collections.abc import Iterator
from typing import Any, Final

import pytest
from tests.api.elsewhere import CONDITION, NOBODY, Elsewhere, limited
from tests.api.shop import NOW, Answer, Shop
from tests.api.test_staff import Browser, signed_in

from jifen.faces.api.open.urls import RIGHTS as ADDRESSES
from jifen.faces.api.serving import ANY_CLIENT, PUBLIC
from jifen.programmes.rules.roles import ROLES

pytestmark = pytest.mark.usefixtures("fresh_keys")

LIMITED: Final = tuple(role for role in ROLES if role != "owner")


def bodies(elsewhere: Elsewhere) -> dict[str, dict[str, Any]]:
    """A body for what is asked by POST, aimed at what was done at ``north``."""
    at, member = NOW.isoformat(), {"kind": "id", "value": elsewhere.member}
    by = {"occurred_at": at, "reason": "r", "actor": "a"}
    undo = {"kind": "reversal", "of": elsewhere.gift, **by}
    bulk = {"unit": "points", "points": 1, "reason": "r", "actor": "a"}
    to_segment = {**bulk, "to": {"kind": "segment", "segment": elsewhere.segment}}
    cart = {"member": member, "lines": [{"product": "t", "quantity": 1, "amount_minor": 100}]}
    return {
        "activities": undo,
        "activities/preview": undo,
        "activities/batch": {"activities": [{"key": uuid.uuid4().hex, **undo}]},
        "segments/preview": {"condition": CONDITION},
        "segments/<str:code>": {"name": "x", "condition": CONDITION},
        "gift-runs": to_segment,
        "gift-runs/preview": to_segment,
        "checkout/quote": {**cart, "store": "north"},
        "offset/quote": cart,
        "coupons/lookup": {"code": elsewhere.mark[:40]},
        "members/lookup": {"kind": "external", "value": elsewhere.mark},
        "imports/<uuid:import_id>/mapping": {"columns": {"phone": "phone"}},
    }


def asked(browser: Browser, elsewhere: Elsewhere) -> Iterator[tuple[str, str, Answer]]:
    """Every address with every method, filled with what was done at ``north``: which it is, what
    was said in asking, and the answer."""
    given = bodies(elsewhere)
    for address, methods in ADDRESSES.items():
        if address.startswith("session") or PUBLIC in methods.values():
            continue
        path = address
        while "<" in path:
            blank = path[path.index("<") : path.index(">") + 1]
            path = path.replace(blank, elsewhere.place(blank[1:-1].rpartition(":")[2]))
        for method in methods:
            body = given.get(address, {}) if method in {"POST", "PUT", "PATCH"} else None
            headers = {"HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex}
            if address.endswith("batch"):
                headers = {}
            said = path + json.dumps(body)
            yield f"{method} {address}", said, browser.ask(method, path, body, **headers)


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_what_its_rights_open_and_nothing_else(role: str) -> None:
    shop = Shop()
    browser = signed_in(shop, role)
    for address, methods in ADDRESSES.items():
        path = address.replace("<int:version>", "1").replace("<str:name>", "x")
        path = path.replace("<str:code>", "x")
        while "<uuid:" in path:
            path = path.replace(path[path.index("<") : path.index(">") + 1], NOBODY)
        for method, right in methods.items():
            if right in {PUBLIC, ANY_CLIENT}:
                continue
            answer = browser.ask(method, path, {} if method != "GET" else None)
            refused = answer.status == 403 and answer.json.get("right") == right
            assert refused == (right not in ROLES[role]), (method, address, answer.content[:200])


@pytest.mark.parametrize("role", ROLES)
def test_another_programme_is_never_read(role: str, elsewhere: Elsewhere) -> None:
    words = (*elsewhere.words, elsewhere.member, elsewhere.order, elsewhere.gift)
    assert nothing_is_told(asked(signed_in(Shop(), role), elsewhere), words) > 80


@pytest.mark.parametrize("role", LIMITED)
def test_another_store_is_never_read(role: str, elsewhere: Elsewhere) -> None:
    answers = asked(limited(elsewhere, role), elsewhere)
    assert nothing_is_told(answers, elsewhere.words) > 80


def nothing_is_told(answers: Iterator[tuple[str, str, Answer]], words: tuple[str, ...]) -> int:
    """Check that none of these words is in an answer, unless it was said in asking; answers how
    many were looked at."""
    asked_so_far: list[str] = []
    for what, said, answer in answers:
        asked_so_far.append(said)
        # The record tells what somebody tried themselves, too.
        ours = str(asked_so_far) if what.endswith("staff/acts") else said
        told = [word for word in words if word not in ours and word.encode() in answer.content]
        assert not told, (what, answer.content[:500])
        assert answer.status < 500, (what, answer.content[:500])
    return len(asked_so_far)
