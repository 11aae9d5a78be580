"""A second person: what waits for one, who may be it, and that it is booked once."""

import json
import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from tests.api.elsewhere import limited_of
from tests.api.shop import NOW, Answer, Shop
from tests.api.test_imports import work as import_work
from tests.api.test_points import work
from tests.api.test_staff import Browser, signed_in

from jifen.audience.asking import OPEN_FOR
from jifen.audience.models import Approval
from jifen.common.clock import set_clock
from jifen.common.scope import scope
from jifen.programmes import staff

pytestmark = pytest.mark.usefixtures("fresh_keys")

LIMIT = 1_000


class Desk:
    """A shop with a limit, an owner, and a manager who asks."""

    def __init__(self) -> None:
        self.shop = Shop()
        self.owner, self.manager = signed_in(self.shop), signed_in(self.shop, "manager")
        limit = {"approval_above": LIMIT, "reason": "four eyes"}
        assert self.owner.ask("PATCH", "programme", limit).json["approval_above"] == LIMIT
        self.member = self.shop.member()

    def act(self, points: int, kind: str = "gift", **changes: Any) -> dict[str, Any]:
        """The body of a gift or an adjustment."""
        return {
            "kind": kind,
            "occurred_at": NOW.isoformat(),
            "member": {"kind": "id", "value": self.member},
            "unit": "points",
            "points": points,
            "reason": "complaint 4711",
            "actor": "Li Na",
            **changes,
        }

    def ask(self, body: dict[str, Any], key: str = "", who: Browser | None = None) -> Answer:
        """Ask for it as the manager."""
        headers = {"HTTP_IDEMPOTENCY_KEY": key or uuid.uuid4().hex}
        return (who or self.manager).ask("POST", "activities", body, **headers)

    def asked(self, points: int = LIMIT + 1, **changes: Any) -> str:
        """A request that waits; answers its id."""
        answer = self.ask(self.act(points, **changes))
        assert answer.status == 202, answer.content
        return str(answer.json["id"])

    @property
    def available(self) -> int:
        """What the member has."""
        return self.shop.available(self.member)


@pytest.fixture
def desk() -> Desk:
    return Desk()


@pytest.mark.parametrize(
    ("kind", "points", "status"),
    [
        ("gift", LIMIT, 201),
        ("gift", LIMIT + 1, 202),
        ("adjustment", LIMIT, 201),
        ("adjustment", LIMIT + 1, 202),
    ],
)
def test_what_is_above_the_limit_waits(desk: Desk, kind: str, points: int, status: int) -> None:
    answer = desk.ask(desk.act(points, kind))
    assert answer.status == status, answer.content
    assert desk.available == (points if status == 201 else 0)


def test_what_is_taken_counts_like_what_is_given(desk: Desk) -> None:
    for points in (LIMIT, LIMIT):
        assert desk.ask(desk.act(points)).status == 201
    assert desk.ask(desk.act(-LIMIT - 1, "adjustment")).status == 202
    assert desk.available == 2 * LIMIT


def test_an_opening_is_no_way_around(desk: Desk) -> None:
    body = {
        "kind": "opening",
        "occurred_at": NOW.isoformat(),
        "member": {"kind": "id", "value": desk.member},
        "lots": [{"unit": "points", "points": LIMIT}, {"unit": "points", "points": 1}],
    }
    assert desk.ask(body).status == 202


def test_a_batch_is_no_way_around(desk: Desk) -> None:
    half = [{**desk.act(LIMIT // 2 + 1), "key": uuid.uuid4().hex} for _ in range(2)]
    order = {**desk.shop.purchase(desk.member), "key": uuid.uuid4().hex}
    told = desk.manager.ask("POST", "activities/batch", {"activities": [half[0], order, half[1]]})
    results = told.json["results"]
    assert [each["status"] for each in results] == ["refused", "booked", "refused"]
    assert {results[place]["error"]["code"] for place in (0, 2)} == {"approval_needed"}
    assert desk.available == 100
    alone = desk.manager.ask("POST", "activities/batch", {"activities": half[:1]})
    assert alone.json["results"][0]["status"] == "booked"


def test_machines_and_programmes_without_a_limit_are_not_asked(desk: Desk) -> None:
    assert desk.shop.book(desk.act(LIMIT + 1)).status == 201
    none = {"approval_above": None, "reason": "too slow"}
    assert desk.owner.ask("PATCH", "programme", none).json["approval_above"] is None
    assert desk.ask(desk.act(LIMIT + 1)).status == 201


@pytest.mark.parametrize("role", ["manager", "marketing", "finance", "clerk", "auditor"])
def test_only_an_owner_sets_the_limit(desk: Desk, role: str) -> None:
    body = {"approval_above": None, "reason": "r"}
    refused = signed_in(desk.shop, role).ask("PATCH", "programme", body)
    assert (refused.code, refused.json["right"]) == ("forbidden_right", "programme.write")
    assert desk.manager.ask("GET", "programme").json["approval_above"] == LIMIT


def test_another_person_sees_what_it_would_do_and_confirms_it(desk: Desk) -> None:
    request = desk.asked()
    seen = desk.owner.ask("GET", f"approvals/{request}").json
    assert seen["approval"]["status"] == "pending"
    assert seen["approval"]["asked"]["reason"] == "complaint 4711"
    assert seen["preview"]["booked"]["points"] == {"points": LIMIT + 1}
    assert desk.available == 0
    done = desk.owner.ask("POST", f"approvals/{request}/confirm")
    assert (done.status, done.json["status"]) == (200, "confirmed")
    assert desk.available == LIMIT + 1
    activity = desk.owner.ask("GET", f"activities/{done.json['outcome_id']}").json
    assert activity["points"] == {"points": LIMIT + 1}
    [act, *_] = desk.owner.ask("GET", "staff/acts").json["acts"]
    assert act["operation"] == "POST /api/v1/approvals/<uuid:approval_id>/confirm"
    assert act["after"]["status"] == "confirmed"


@pytest.mark.parametrize("what", ["confirm", "refuse"])
def test_who_asked_does_not_decide(desk: Desk, what: str) -> None:
    request = desk.asked()
    body = {"reason": "r"} if what == "refuse" else None
    refused = desk.manager.ask("POST", f"approvals/{request}/{what}", body)
    assert (refused.status, refused.code) == (409, "own_approval")
    assert desk.available == 0


def test_owners_ask_like_everybody_else(desk: Desk) -> None:
    answer = desk.ask(desk.act(LIMIT + 1), who=desk.owner)
    assert answer.status == 202
    path = f"approvals/{answer.json['id']}/confirm"
    assert desk.owner.ask("POST", path).code == "own_approval"
    assert desk.manager.ask("POST", path).status == 200


def test_refused_with_a_reason_it_is_never_booked(desk: Desk) -> None:
    request = desk.asked()
    path = f"approvals/{request}"
    assert desk.owner.ask("POST", f"{path}/refuse", {}).code == "missing_field"
    done = desk.owner.ask("POST", f"{path}/refuse", {"reason": "no receipt"})
    assert (done.json["status"], done.json["reason"]) == ("refused", "no receipt")
    again = desk.owner.ask("POST", f"{path}/confirm")
    assert (again.status, again.code) == (409, "approval_decided")
    assert desk.available == 0
    assert desk.owner.ask("GET", path).json["preview"] is None


def test_it_lapses(desk: Desk) -> None:
    request = desk.asked()
    with set_clock(NOW + OPEN_FOR - timedelta(seconds=1)):
        owner = signed_in(desk.shop)
        assert len(owner.ask("GET", "approvals?open=true").json["approvals"]) == 1
    with set_clock(NOW + OPEN_FOR):
        late = owner.ask("POST", f"approvals/{request}/confirm")
        assert (late.code, late.json["approval_status"]) == ("approval_decided", "lapsed")
        assert owner.ask("GET", "approvals?open=true").json["approvals"] == []
        [listed] = owner.ask("GET", "approvals").json["approvals"]
        assert listed["status"] == "lapsed"
    assert desk.available == 0


def test_one_key_asks_once_and_is_answered_with_what_became_of_it(desk: Desk) -> None:
    key, body = uuid.uuid4().hex, desk.act(LIMIT + 1)
    first, again = desk.ask(body, key), desk.ask(body, key)
    assert (first.status, again.status) == (202, 202)
    assert first.json == again.json
    assert desk.ask(desk.act(LIMIT + 2), key).code == "key_conflict"
    assert desk.ask(desk.act(1), key).code == "key_conflict"
    desk.owner.ask("POST", f"approvals/{first.json['id']}/confirm")
    booked = desk.ask(body, key)
    assert (booked.status, booked.json["replayed"]) == (200, True)
    assert desk.available == LIMIT + 1


def test_what_could_not_be_booked_is_refused_at_once(desk: Desk) -> None:
    assert desk.ask(desk.act(-LIMIT - 1, "adjustment")).code == "insufficient_points"
    nobody = {"kind": "id", "value": str(uuid.uuid4())}
    assert desk.ask(desk.act(LIMIT + 1, member=nobody)).code == "unknown_member"
    clerk = signed_in(desk.shop, "clerk")
    assert desk.ask(desk.act(LIMIT + 1), who=clerk).code == "forbidden_right"
    assert desk.owner.ask("GET", "approvals").json["approvals"] == []


def test_what_cannot_be_booked_any_more_stays_open(desk: Desk) -> None:
    request = desk.asked()
    frozen = {"reason": "fraud", "actor": "Li Na"}
    desk.owner.ask("POST", f"members/{desk.member}/freeze", frozen)
    path = f"approvals/{request}"
    assert desk.owner.ask("GET", path).json["preview"]["refused"] == "member_frozen"
    assert desk.owner.ask("POST", f"{path}/confirm").code == "member_frozen"
    assert desk.owner.ask("GET", path).json["approval"]["status"] == "pending"
    desk.owner.ask("POST", f"members/{desk.member}/unfreeze", frozen)
    assert desk.owner.ask("POST", f"{path}/confirm").status == 200
    assert desk.available == LIMIT + 1


def test_a_machine_decides_nothing(desk: Desk) -> None:
    request = desk.asked()
    assert desk.shop.post(f"approvals/{request}/confirm").code == "unknown_staff"
    assert desk.available == 0


@pytest.mark.parametrize("role", ["marketing", "finance", "clerk", "auditor"])
def test_who_may_not_book_it_does_not_decide_it(desk: Desk, role: str) -> None:
    request, browser = desk.asked(), signed_in(desk.shop, role)
    for method, path in (
        ("GET", "approvals"),
        ("GET", f"approvals/{request}"),
        ("POST", f"approvals/{request}/confirm"),
        ("POST", f"approvals/{request}/refuse"),
    ):
        assert browser.ask(method, path, {"reason": "r"}).code == "forbidden_right"


def test_another_programme_and_another_store_have_none_of_it(desk: Desk) -> None:
    request = desk.asked()
    other = signed_in(Shop())
    north = limited_of(desk.shop, "manager", "north")
    for browser in (other, north):
        assert browser.ask("GET", f"approvals/{request}").code == "unknown_approval"
        assert browser.ask("POST", f"approvals/{request}/confirm").code == "unknown_approval"
        assert browser.ask("GET", "approvals").json["approvals"] == []
    assert (
        limited_of(desk.shop, "manager", "main").ask("POST", f"approvals/{request}/confirm").status
        == 200
    )


def test_a_phone_is_not_kept_with_a_request(desk: Desk) -> None:
    phone = f"138{uuid.uuid4().int % 10**8:08}"
    made = desk.shop.post(
        "members",
        {"identities": [{"kind": "phone", "value": phone}], "name": "Li Xiaona"},
        Idempotency_Key=uuid.uuid4().hex,
    ).json["member"]["id"]
    body = desk.act(LIMIT + 1, member={"kind": "phone", "value": phone})
    asked = desk.ask({**body, "reason": f"Li Xiaona rang from {phone}"})
    assert asked.status == 202
    assert phone not in json.dumps(asked.json)
    assert "Xiaona" not in json.dumps(asked.json)
    assert asked.json["member_id"] == made


class TestMany:
    """A gift to many counts with all of its points."""

    def started(self, desk: Desk, points: int, key: str = "") -> Answer:
        ids = [desk.member, desk.shop.member()]
        to = {"kind": "members", "members": [{"kind": "id", "value": each} for each in ids]}
        body = {"to": to, "unit": "points", "points": points, "reason": "thanks", "actor": "Li"}
        self.body = body
        key = key or uuid.uuid4().hex
        return desk.manager.ask("POST", "gift-runs", body, HTTP_IDEMPOTENCY_KEY=key)

    def test_it_waits_is_confirmed_and_given_once(self, desk: Desk) -> None:
        assert self.started(desk, LIMIT // 2).status == 201
        key = uuid.uuid4().hex
        asked = self.started(desk, LIMIT // 2 + 1, key)
        assert (asked.status, asked.json["points"]) == (202, LIMIT + 2)
        path = f"approvals/{asked.json['id']}"
        assert desk.owner.ask("GET", path).json["preview"]["members"] == 2
        done = desk.owner.ask("POST", f"{path}/confirm")
        assert done.status == 200, done.content
        work(desk.shop)
        run = desk.owner.ask("GET", f"gift-runs/{done.json['outcome_id']}").json
        assert (run["status"], run["given"]) == ("done", 2)
        again = desk.manager.ask("POST", "gift-runs", self.body, HTTP_IDEMPOTENCY_KEY=key)
        assert (again.status, again.json["id"]) == (200, run["id"])
        assert desk.available == LIMIT // 2 + LIMIT // 2 + 1

    def test_refused_it_is_not_started(self, desk: Desk) -> None:
        asked = self.started(desk, LIMIT)
        path = f"approvals/{asked.json['id']}/refuse"
        assert desk.owner.ask("POST", path, {"reason": "too much"}).status == 200
        assert desk.owner.ask("GET", "gift-runs").json["gift_runs"] == []


class TestWithdrawing:
    """Who asked takes it back; nobody else does, and nothing is booked."""

    def test_who_asked_takes_it_back(self, desk: Desk) -> None:
        key, body = uuid.uuid4().hex, desk.act(LIMIT + 1)
        request = desk.ask(body, key).json["id"]
        done = desk.manager.ask("POST", f"approvals/{request}/withdraw")
        assert (done.status, done.json["status"]) == (200, "withdrawn")
        assert desk.owner.ask("POST", f"approvals/{request}/confirm").code == "approval_decided"
        assert desk.manager.ask("POST", f"approvals/{request}/withdraw").code == "approval_decided"
        assert desk.owner.ask("GET", "approvals?open=true").json["approvals"] == []
        again = desk.ask(body, key)
        assert (again.status, again.json["status"]) == (202, "withdrawn")
        assert desk.available == 0
        [act, *_] = desk.owner.ask(
            "GET", "staff/acts?operation=POST /api/v1/approvals/<uuid:approval_id>/withdraw"
        ).json["acts"][-1:]
        assert act["after"]["status"] == "withdrawn"

    def test_nobody_else_does(self, desk: Desk) -> None:
        request = desk.asked()
        refused = desk.owner.ask("POST", f"approvals/{request}/withdraw")
        assert (refused.status, refused.code) == (409, "not_own_approval")
        assert desk.owner.ask("POST", f"approvals/{request}/confirm").status == 200

    def test_what_was_booked_stays_booked(self, desk: Desk) -> None:
        request = desk.asked()
        desk.owner.ask("POST", f"approvals/{request}/confirm")
        assert desk.manager.ask("POST", f"approvals/{request}/withdraw").code == "approval_decided"
        assert desk.available == LIMIT + 1

    def test_the_database_takes_it_from_nobody_else(self, desk: Desk) -> None:
        request = desk.asked()
        with scope(desk.shop.programme.id):
            row = Approval.objects.filter(id=request)
            [other] = [each for each in staff.everybody() if each.role == "owner"]
            with pytest.raises(IntegrityError):
                row.update(status="withdrawn", decided_by_id=other.id, decided_at=NOW)


class TestWaivers:
    """What is owed is waived like a gift."""

    def owing(self, desk: Desk) -> int:
        """A member who spent what a refund then took back; answers how many points they owe."""
        order = desk.shop.purchase(desk.member, 300_000, reference="W-1")
        desk.shop.book(order)
        spent = desk.act(-2_500, "adjustment")
        assert desk.shop.book(spent).status == 201
        back = {"kind": "refund", "occurred_at": NOW.isoformat(), "of": {"reference": "W-1"}}
        assert desk.shop.book(back).status == 201
        [account] = [
            row
            for row in desk.shop.get(f"members/{desk.member}/balances").json["balances"]
            if row["unit"] == "points"
        ]
        assert account["deficit"] > LIMIT
        return int(account["deficit"])

    def waiver(self, desk: Desk, points: int | None = None) -> dict[str, Any]:
        """Of all that is owed, or of so much."""
        body = desk.act(0, "waiver")
        return {**body, "points": points} if points else {k: v for k, v in body.items() if v != 0}

    def test_all_of_it_counts_what_is_owed(self, desk: Desk) -> None:
        owed = self.owing(desk)
        asked = desk.ask(self.waiver(desk))
        assert (asked.status, asked.json["points"]) == (202, owed)
        assert asked.json["asked"]["points"] == owed
        done = desk.owner.ask("POST", f"approvals/{asked.json['id']}/confirm")
        assert done.status == 200, done.content
        activity = desk.owner.ask("GET", f"activities/{done.json['outcome_id']}").json
        assert activity["points"] == {"points": owed}

    def test_a_part_below_the_limit_needs_nobody(self, desk: Desk) -> None:
        self.owing(desk)
        assert desk.ask(self.waiver(desk, points=LIMIT)).status == 201
        assert desk.ask(self.waiver(desk, points=LIMIT + 1)).status == 202

    def test_a_batch_is_no_way_around(self, desk: Desk) -> None:
        self.owing(desk)
        items = [{**self.waiver(desk), "key": uuid.uuid4().hex}]
        told = desk.manager.ask("POST", "activities/batch", {"activities": items})
        [result] = told.json["results"]
        assert (result["status"], result["error"]["code"]) == ("refused", "approval_needed")


class TestImports:
    """Points that a file brings are given like any others: above the limit by two people."""

    def uploaded(self, browser: Browser, points: int) -> str:
        text = f"phone,points\n13800138001,{points - 1}\n13800138002,1\n"
        page: dict[str, Any] = {"HTTP_SEC_FETCH_SITE": "same-origin"}
        path = "/api/v1/imports?kind=members&name=a.csv"
        answer = Answer(browser.http.generic("POST", path, text, "text/csv", **page))
        assert answer.status == 201, answer.content
        return str(answer.json["run"]["id"])

    def test_above_the_limit_somebody_else_starts_it(self, desk: Desk) -> None:
        import_id = self.uploaded(desk.manager, LIMIT + 1)
        refused = desk.manager.ask("POST", f"imports/{import_id}/run")
        assert (refused.status, refused.code) == (409, "second_person_needed")
        assert refused.json["points"] == LIMIT + 1
        assert desk.manager.ask("POST", f"imports/{import_id}/check").status == 202
        import_work(desk.shop)
        found = desk.owner.ask("GET", f"imports/{import_id}").json["run"]
        assert found["counts"]["points_brought"] == LIMIT + 1
        assert desk.owner.ask("POST", f"imports/{import_id}/run").status == 202
        import_work(desk.shop)
        again = desk.manager.ask("POST", f"imports/{import_id}/run")
        assert (again.status, again.json["status"]) == (202, "done")
        assert again.json["counts"]["enrolled"] == 2

    def test_who_chose_the_columns_does_not_start_it_either(self, desk: Desk) -> None:
        import_id = self.uploaded(desk.manager, LIMIT + 1)
        mapping = {"columns": {"phone": "phone", "points": "points"}}
        assert desk.owner.ask("PUT", f"imports/{import_id}/mapping", mapping).status == 200
        for browser in (desk.owner, desk.manager):
            refused = browser.ask("POST", f"imports/{import_id}/run")
            assert refused.code == "second_person_needed"
        assert signed_in(desk.shop).ask("POST", f"imports/{import_id}/run").status == 202

    def test_up_to_the_limit_one_does(self, desk: Desk) -> None:
        import_id = self.uploaded(desk.manager, LIMIT)
        assert desk.manager.ask("POST", f"imports/{import_id}/run").status == 202

    def test_columns_that_bring_nothing_need_nobody(self, desk: Desk) -> None:
        import_id = self.uploaded(desk.manager, LIMIT + 1)
        mapping = {"columns": {"phone": "phone"}}
        assert desk.manager.ask("PUT", f"imports/{import_id}/mapping", mapping).status == 200
        assert desk.manager.ask("POST", f"imports/{import_id}/run").status == 202
