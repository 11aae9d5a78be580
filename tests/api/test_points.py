"""Points that wait, that are held and that move, and what staff gives, over HTTP."""

import json
import uuid
from collections.abc import Mapping
from typing import Any

import pytest
from tests.api.shop import NDJSON, NOW, Answer, Shop, later

from jifen.common.clock import set_clock
from jifen.faces.api import decoding
from jifen.faces.api.open.acts import ACTS
from jifen.faces.jobs.tasks import give_to_many
from jifen.programmes import selectors as programmes
from jifen.programmes.types import RIGHTS

STAFF = {"reason": "ten years", "actor": "Li Na"}
NOWHERE = str(uuid.uuid4())


def act(kind: str, **fields: Any) -> dict[str, Any]:
    return {"kind": kind, "occurred_at": NOW.isoformat(), **fields}


def who(member: str) -> dict[str, str]:
    return {"kind": "id", "value": member}


def hold(member: str, points: int = 60, **changes: Any) -> dict[str, Any]:
    values = {"unit": "points", "minutes": 30, "reference": uuid.uuid4().hex}
    return act("hold", member=who(member), points=points, **{**values, **changes})


def transfer(giver: str, taker: str, points: int = 60, **changes: Any) -> dict[str, Any]:
    values = {"member": who(giver), "to": who(taker), "unit": "points"}
    return act("transfer", points=points, **{**values, **changes})


def gift(member: str, points: int = 100, **changes: Any) -> dict[str, Any]:
    values = {"member": who(member), "unit": "points", **STAFF}
    return act("gift", points=points, **{**values, **changes})


def with_points(shop: Shop, points: int = 100) -> str:
    member = shop.member()
    assert shop.book(gift(member, points)).status == 201
    return member


def balance(shop: Shop, member: str) -> tuple[int, ...]:
    """(available, pending, held, deficit)"""
    rows = shop.get(f"members/{member}/balances").json["balances"]
    found = next(row for row in rows if row["unit"] == "points")
    return tuple(found[name] for name in ("available", "pending", "held", "deficit"))


def change_rules(shop: Shop, **sections: Any) -> None:
    """Publish the rule set in force with other sections."""
    head = shop.get("rule-sets").json["rule_sets"][0]
    document = shop.get(f"rule-sets/{head['version']}").json["document"]
    name = uuid.uuid4().hex
    put = shop.call("PUT", f"rule-sets/drafts/{name}", {**document, **sections})
    assert put.status == 200, put.content
    assert shop.post(f"rule-sets/drafts/{name}/publish").status == 200


@pytest.fixture
def offering(shop: Shop) -> Shop:
    """A shop whose members offer each other points."""
    change_rules(shop, transfers={"points": {"confirm": True, "minimum": 10, "most": 500}})
    return shop


@pytest.mark.parametrize("kind", sorted(ACTS))
def test_the_examples_are_read(kind: str) -> None:
    activity = decoding.one(body=json.dumps(ACTS[kind]).encode(), key="k")
    assert activity.__struct_config__.tag == kind


# --- holds ---------------------------------------------------------------------------------------


def test_hold_capture_and_release(shop: Shop) -> None:
    member = with_points(shop)
    held = shop.book(hold(member))
    assert held.status == 201
    assert held.json["balances"] == [
        {"unit": "points", "available": 40, "pending": 0, "held": 60, "deficit": 0}
    ]
    [told] = held.json["award"]["refusals"]
    assert told["fields"]["expires_at"] == later(minutes=30).isoformat()
    assert balance(shop, member) == (40, 0, 60, 0)
    taken = shop.book(act("capture", of=held.json["id"], points=25))
    assert (taken.status, taken.json["points"]) == (201, {"points": -25})
    back = shop.book(act("release", of=held.json["id"]))
    assert (back.status, balance(shop, member)) == (201, (75, 0, 0, 0))
    again = shop.book(act("capture", of=held.json["id"]))
    assert (again.status, again.code) == (409, "hold_ended")
    explained = shop.get(f"activities/{taken.json['id']}/explain", Accept_Language="zh-CN").json[
        "sentences"
    ]
    assert explained == ["仍有 35 积分 冻结至 2026-07-01 12:30", "确认扣减冻结的 25 积分"]
    assert shop.post("verify").json["ok"]


def test_a_hold_that_ran_out_is_free_with_no_job(shop: Shop) -> None:
    member = with_points(shop)
    held = shop.book(hold(member, minutes=1)).json["id"]
    with set_clock(later(minutes=1)):
        assert balance(shop, member) == (100, 0, 0, 0)
        late = shop.book(act("capture", of=held))
        assert (late.status, late.code) == (409, "hold_ran_out")
        assert late.json["ended_at"] == later(minutes=1).isoformat()


# --- transfers -----------------------------------------------------------------------------------


def test_offer_and_acceptance(offering: Shop) -> None:
    shop = offering
    giver, taker = with_points(shop), shop.member()
    offer = shop.book(transfer(giver, taker, note="for the tea"))
    assert (offer.status, balance(shop, giver)) == (201, (40, 0, 60, 0))
    seen = shop.get(f"members/{taker}/activities").json["activities"][0]
    assert (seen["kind"], seen["of_id"]) == ("transfer_offer", offer.json["id"])
    assert seen["body"]["note"] == "for the tea"
    done = shop.book(act("acceptance", of=seen["of_id"], member=who(taker)))
    assert (done.status, done.json["points"]) == (201, {"points": 60})
    assert (balance(shop, giver), balance(shop, taker)) == ((40, 0, 0, 0), (60, 0, 0, 0))
    again = shop.book(act("decline", of=seen["of_id"], member=who(giver)))
    assert (again.status, again.code) == (409, "transfer_decided")
    explained = shop.get(f"activities/{done.json['id']}/explain").json
    assert [row["kind"] for row in explained["postings"]] == ["transfer_in"]
    assert {row["kind"] for row in explained["related"]} == {"transfer", "transfer_out"}
    assert shop.post("verify").json["ok"]


def test_a_transfer_names_its_limits(offering: Shop) -> None:
    shop = offering
    giver, taker = with_points(shop, 1_000), shop.member()
    few, many = (shop.book(transfer(giver, taker, points)) for points in (9, 501))
    assert (few.status, few.code, few.json["minimum"]) == (422, "transfer_below_minimum", 10)
    assert (many.status, many.code, many.json["most"]) == (422, "transfer_above_most", 500)
    self = shop.book(transfer(giver, giver))
    assert (self.status, self.code) == (422, "transfer_to_oneself")


# --- pending and what is owed --------------------------------------------------------------------


def test_confirmation(shop: Shop) -> None:
    change_rules(shop, pending={"points": {"kind": "confirmed", "days": 30}})
    member = shop.member()
    shop.book(shop.purchase(member, 10_000, reference="A"))
    assert balance(shop, member) == (0, 100, 0, 0)
    confirmed = shop.book(act("confirmation", of={"reference": "A"}))
    assert (confirmed.status, balance(shop, member)) == (201, (100, 0, 0, 0))
    again = shop.book(act("confirmation", of={"reference": "A"}))
    assert (again.status, again.code) == (409, "already_confirmed")
    bound = shop.new_key(stores=["main"])
    elsewhere = act("confirmation", of={"reference": "A", "store": "other"})
    assert shop.book(elsewhere).code == "unknown_store"
    other = shop.post("activities", elsewhere, key=bound, Idempotency_Key="x")
    assert (other.status, other.code) == (422, "wrong_store")


def test_a_refund_that_would_leave_points_owed_is_refused_and_waivers_help(shop: Shop) -> None:
    member = shop.member()
    shop.book(shop.purchase(member, 10_000, reference="A"))
    shop.book(shop.purchase(member, 8_000, reference="B", points_paid=0))
    held = shop.book(hold(member, 150)).json["id"]
    assert shop.book(act("capture", of=held)).status == 201
    assert shop.book(act("refund", of={"reference": "A"})).status == 201
    assert balance(shop, member) == (0, 0, 0, 70)
    change_rules(shop, deficit="refuse")
    refused = shop.book(act("refund", of={"reference": "B"}))
    assert (refused.status, refused.code) == (409, "refund_leaves_deficit")
    assert (refused.json["short_by"], refused.json["unit"]) == (80, "points")
    waived = shop.book(act("waiver", member=who(member), unit="points", **STAFF))
    assert (waived.status, waived.json["points"]) == (201, {"points": 70})
    assert balance(shop, member) == (0, 0, 0, 0)
    nothing = shop.book(act("waiver", member=who(member), unit="points", **STAFF))
    assert (nothing.status, nothing.code, nothing.json["deficit"]) == (409, "not_owed", 0)
    assert shop.post("verify").json["ok"]


def test_an_expiry_is_undone(shop: Shop) -> None:
    member = shop.member()
    shop.book(gift(member, 40, expires_at=later(days=1).isoformat()))
    with set_clock(later(days=2)):
        shop.book(gift(member, 1))
        rows = shop.get(f"members/{member}/statement").json["postings"]
        gone = next(row["transaction_id"] for row in rows if row["kind"] == "expire")
        until = later(days=30).isoformat()
        undo = act(
            "expiry_undo", member=who(member), transaction_id=gone, expires_at=until, **STAFF
        )
        assert shop.book(undo).json["points"] == {"points": 40}
        again = shop.book(undo)
        assert (again.status, again.code) == (409, "already_done")
        assert balance(shop, member) == (41, 0, 0, 0)


# --- all of them together ------------------------------------------------------------------------


def acts_of(shop: Shop, member: str, other: str) -> list[dict[str, Any]]:
    """Each act once, as items of a batch; those on earlier acts name none that is there."""
    return [
        {**each, "key": each["kind"]}
        for each in (
            gift(member, 200),
            hold(member),
            act("capture", of=NOWHERE),
            act("release", of=NOWHERE),
            transfer(member, other),
            act("acceptance", of=NOWHERE, member=who(other)),
            act("decline", of=NOWHERE, member=who(other)),
            act("waiver", member=who(member), unit="points", **STAFF),
            act(
                "expiry_undo",
                member=who(member),
                transaction_id=NOWHERE,
                expires_at=later(days=9).isoformat(),
                **STAFF,
            ),
            act("confirmation", of={"reference": "none"}),
        )
    ]


EXPECTED = {
    "gift": "booked",
    "hold": "booked",
    "capture": "unknown_activity",
    "release": "unknown_activity",
    "transfer": "booked",
    "acceptance": "unknown_activity",
    "decline": "unknown_activity",
    "waiver": "not_owed",
    "expiry_undo": "unknown_expiry",
    "confirmation": "unknown_order",
}


def results(items: list[Mapping[str, Any]]) -> dict[str, str]:
    return {
        item["key"]: item["status"] if item["status"] == "booked" else item["error"]["code"]
        for item in items
    }


def test_a_batch_books_what_is_good_and_names_the_rest(offering: Shop) -> None:
    member, other = offering.member(), offering.member()
    items = acts_of(offering, member, other)
    preview = offering.post("activities/preview", {"activities": items})
    assert results(preview.json["results"]) == EXPECTED
    assert balance(offering, member) == (0, 0, 0, 0)
    answer = offering.post("activities/batch", {"activities": items})
    assert results(answer.json["results"]) == EXPECTED
    assert balance(offering, member) == (80, 0, 120, 0)
    lines = b"\n".join(json.dumps(item).encode() for item in items)
    again = offering.post("activities/batch", lines, content_type=NDJSON)
    found = {line["key"]: line["status"] for line in again.lines}
    assert [kind for kind, status in found.items() if status == "replayed"] == [
        kind for kind, status in EXPECTED.items() if status == "booked"
    ]
    assert balance(offering, member) == (80, 0, 120, 0)
    assert offering.post("verify").json["ok"]


@pytest.mark.parametrize(
    ("kinds", "right"),
    [
        pytest.param({"gift", "waiver", "expiry_undo"}, "adjust", id="staff"),
        pytest.param({"transfer", "acceptance", "decline"}, "transfer", id="members"),
    ],
)
def test_rights(offering: Shop, kinds: set[str], right: str) -> None:
    key = offering.new_key(rights=RIGHTS - {right})
    items = acts_of(offering, offering.member(), offering.member())
    answer = offering.post("activities/batch", {"activities": items}, key=key)
    lacking = {
        item["key"]
        for item in answer.json["results"]
        if item["status"] == "refused" and item["error"]["code"] == "forbidden_right"
    }
    assert lacking == kinds
    [first] = [item for item in items if item["kind"] == min(kinds)]
    body = {name: value for name, value in first.items() if name != "key"}
    single = offering.post("activities", body, key=key, Idempotency_Key="k")
    assert (single.status, single.code, single.json["right"]) == (403, "forbidden_right", right)


@pytest.mark.parametrize(
    ("changes", "code", "at"),
    [
        ({"points": 0}, "too_small", "$.points"),
        ({"points": -5}, "too_small", "$.points"),
        ({"points": 1.5}, "fractional_number", "$.points"),
        ({"points": "60"}, "wrong_type", "$.points"),
        ({"points": 10**13}, "too_large", "$.points"),
        ({"points": 10**30}, "too_large", "$.points"),
        ({"minutes": 0}, "too_small", "$.minutes"),
        ({"minutes": 43_201}, "too_large", "$.minutes"),
        ({"unit": "a b"}, "wrong_pattern", "$.unit"),
        ({"reference": ""}, "too_short", "$.reference"),
        ({"until": "2026"}, "unknown_field", "$"),
    ],
)
def test_bodies_that_do_not_fit(shop: Shop, changes: dict[str, Any], code: str, at: str) -> None:
    member = with_points(shop)
    answer = shop.book(hold(member, **changes))
    assert (answer.status, answer.code) == (422, code)
    assert answer.json["at"] == at
    assert balance(shop, member) == (100, 0, 0, 0)


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (act("capture", of="no id"), "invalid_input"),
        (act("capture"), "missing_field"),
        (act("transfer", member=who(NOWHERE), unit="points", points=1), "missing_field"),
        (gift(NOWHERE, expires_at="2026-08-01T00:00:00"), "time_without_zone"),
        (gift(NOWHERE, expires_at="9999-12-31T00:00:00Z"), "invalid_time"),
        (gift(NOWHERE, reason=""), "too_short"),
        (gift(NOWHERE, reason="x" * 501), "too_long"),
        (transfer(NOWHERE, NOWHERE, note="x" * 201), "too_long"),
        (transfer(NOWHERE, NOWHERE, note="a\0b"), "unprintable_text"),
        (act("expiry_undo", member=who(NOWHERE), transaction_id=NOWHERE,
             expires_at="2026-08-01T00:00:00", **STAFF), "time_without_zone"),
    ],
)  # fmt: skip
def test_more_that_does_not_fit(shop: Shop, body: dict[str, Any], code: str) -> None:
    answer = shop.book(body)
    assert (answer.status, answer.code) == (422, code)


# --- gifts to many -------------------------------------------------------------------------------


def bulk(to: Mapping[str, Any], points: int = 10, **changes: Any) -> dict[str, Any]:
    return {"unit": "points", "points": points, "to": to, **STAFF, **changes}


def start(shop: Shop, body: Mapping[str, Any], key: str = "run") -> Answer:
    return shop.post("gift-runs", body, Idempotency_Key=key)


def work(shop: Shop) -> None:
    """The worker's job, for this programme alone: others belong to tests that run beside this."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(programmes, "programmes", lambda: [shop.programme])
        give_to_many(timestamp=0)


def test_a_gift_to_all_is_counted_started_given_and_watched(shop: Shop) -> None:
    members = [shop.member() for _ in range(5)]
    body = bulk({"kind": "all"})
    counted = shop.post("gift-runs/preview", body)
    assert (counted.status, counted.json["members"]) == (200, 5)
    started = start(shop, body)
    assert (started.status, started.json["status"]) == (201, "choosing")
    path = f"gift-runs/{started.json['id']}"
    work(shop)
    done = shop.get(path).json
    assert (done["status"], done["members"], done["given"], done["refused"]) == ("done", 5, 5, {})
    again = start(shop, body)
    assert (again.status, again.json["id"]) == (200, started.json["id"])
    assert [balance(shop, member)[0] for member in members] == [10] * 5
    seen = shop.get(f"members/{members[0]}/activities").json["activities"][0]
    told = shop.get(f"activities/{seen['id']}/explain").json["sentences"]
    assert (seen["kind"], told) == ("gift", ["Li Na gave 10 points: ten years"])
    over = shop.post(f"{path}/cancel")
    assert (over.status, over.code, over.json["run_status"]) == (409, "gift_run_ended", "done")


def test_a_gift_to_a_segment_and_to_some(shop: Shop) -> None:
    one, two = shop.member(), shop.member()
    segment = {"name": "New", "condition": {"kind": "orders", "at_least": 1}}
    assert shop.call("PUT", "segments/buyers", segment).status == 200
    shop.book(shop.purchase(one, 5_000))
    runs = [
        start(shop, bulk({"kind": "segment", "segment": "buyers"}), "a"),
        start(shop, bulk({"kind": "members", "members": [who(one), who(two)]}), "b"),
    ]
    assert [run.status for run in runs] == [201, 201]
    work(shop)
    assert [balance(shop, member)[0] for member in (one, two)] == [70, 10]
    listed = shop.get("gift-runs?limit=1").json
    assert [row["id"] for row in listed["gift_runs"]] == [runs[1].json["id"]]
    rest = shop.get(f"gift-runs?cursor={listed['next_cursor']}").json
    assert [row["id"] for row in rest["gift_runs"]] == [runs[0].json["id"]]
    assert rest["next_cursor"] is None


def test_a_cancelled_gift_is_not_given(shop: Shop) -> None:
    member = shop.member()
    run = start(shop, bulk({"kind": "all"})).json["id"]
    cancelled = shop.post(f"gift-runs/{run}/cancel")
    assert (cancelled.status, cancelled.json["status"]) == (200, "cancelled")
    work(shop)
    assert balance(shop, member) == (0, 0, 0, 0)


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (bulk({"kind": "segment", "segment": "none"}), 404, "unknown_segment"),
        (bulk({"kind": "members", "members": [who(NOWHERE)]}), 404, "unknown_member"),
        (bulk({"kind": "members", "members": []}), 422, "too_short"),
        (bulk({"kind": "some"}), 422, "unknown_value"),
        (bulk({"kind": "all"}, points=0), 422, "too_small"),
        (bulk({"kind": "all"}, unit="tea"), 404, "unknown_unit"),
        (bulk({"kind": "all"}, expires_at=NOW.isoformat()), 422, "ends_too_early"),
        (bulk({"kind": "all"}, expires_at="2026-08-01T00:00:00"), 422, "time_without_zone"),
        (bulk({"kind": "all"}, key="x"), 422, "unknown_field"),
    ],
)
def test_gifts_to_many_that_are_refused(
    shop: Shop, body: dict[str, Any], status: int, code: str
) -> None:
    for answer in (start(shop, body), shop.post("gift-runs/preview", body)):
        assert (answer.status, answer.code) == (status, code)
    assert shop.get("gift-runs").json["gift_runs"] == []


def test_gifts_to_many_need_key_right_and_programme(shop: Shop) -> None:
    body = bulk({"kind": "all"})
    missing = shop.post("gift-runs", body)
    assert (missing.status, missing.code) == (400, "missing_idempotency_key")
    till = shop.new_key(rights=RIGHTS - {"adjust"})
    for path in ("gift-runs", f"gift-runs/{NOWHERE}"):
        assert shop.get(path, key=till).code == "forbidden_right"
    refused = shop.post("gift-runs", body, key=till, Idempotency_Key="k")
    assert (refused.status, refused.code) == (403, "forbidden_right")
    run = start(shop, body).json["id"]
    other = start(shop, bulk({"kind": "all"}, 11))
    assert (other.status, other.code, other.json["first_id"]) == (409, "key_conflict", run)
    stranger = Shop()
    for answer in (stranger.get(f"gift-runs/{run}"), stranger.post(f"gift-runs/{run}/cancel")):
        assert (answer.status, answer.code) == (404, "unknown_gift_run")
