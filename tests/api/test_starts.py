"""Rules with a start over HTTP: published, listed, withdrawn, and refused by name."""

from datetime import datetime
from typing import Any
from urllib.parse import quote

import pytest
from tests.api.shop import NOW, Shop, later

from jifen.common.clock import set_clock

RATE = {"kind": "rate", "code": "spend", "points": 2, "per_minor": 100, "unit": "points"}
START = later(days=10)


def publish(shop: Shop, points: int = 2, starts_at: str = START.isoformat()) -> Any:
    shop.call("PUT", "rule-sets/drafts/next", {"rules": [{**RATE, "points": points}]})
    return shop.post(f"rule-sets/drafts/next/publish?starts_at={quote(starts_at)}")


def became(shop: Shop) -> dict[int, str]:
    return {row["version"]: row["status"] for row in shop.get("rule-sets").json["rule_sets"]}


def test_it_begins_by_itself(shop: Shop) -> None:
    assert publish(shop).json == {"version": 2}
    assert became(shop) == {2: "coming", 1: "in_force"}
    member = shop.member()
    assert shop.book(shop.purchase(member)).json["points"] == {"points": 100}
    assert shop.get("programme").json["rule_set_version"] == 1
    coming = shop.get("rule-sets/2").json
    assert coming["status"] == "coming"
    assert datetime.fromisoformat(coming["starts_at"]) == START
    with set_clock(START):
        assert became(shop) == {2: "in_force", 1: "past"}
        assert shop.get("programme").json["rule_set_version"] == 2
        late, now = shop.purchase(member), shop.purchase(member, at=START)
        batch = [{**late, "key": "late"}, {**now, "key": "now"}]
        answers = shop.post("activities/batch", {"activities": batch})
        booked = [row["activity"] for row in answers.json["results"]]
        assert [row["points"] for row in booked] == [{"points": 100}, {"points": 200}]
        versions = [shop.get(f"activities/{row['id']}").json["rule_set_version"] for row in booked]
        assert versions == [1, 2]


def test_it_is_withdrawn_before_it_begins_and_not_after(shop: Shop) -> None:
    publish(shop)
    assert shop.post("rule-sets/2/withdraw").json == {"version": 3}
    assert shop.post("rule-sets/2/withdraw").json == {"version": 3}
    assert became(shop) == {3: "in_force", 2: "withdrawn", 1: "past"}
    begun = shop.post("rule-sets/3/withdraw")
    assert (begun.status, begun.code, begun.json["became"]) == (409, "not_coming", "in_force")
    assert shop.post("rule-sets/9/withdraw").code == "unknown_version"


@pytest.mark.parametrize(
    ("starts_at", "status", "code"),
    [
        (NOW.isoformat(), 422, "starts_too_early"),
        ("0001-01-01T00:00:00Z", 422, "starts_too_early"),
        ("0001-01-01T00:00:00+14:00", 422, "invalid_input"),
        ("9999-12-31T23:59:59-14:00", 422, "invalid_input"),
        ("2026-11-11T00:00:00", 422, "time_without_zone"),
        ("tomorrow", 422, "invalid_time"),
    ],
)
def test_what_is_no_start(shop: Shop, starts_at: str, status: int, code: str) -> None:
    answer = publish(shop, starts_at=starts_at)
    assert (answer.status, answer.code) == (status, code), answer.content
    assert became(shop) == {1: "in_force"}


def test_any_offset_says_the_same_start(shop: Shop) -> None:
    assert publish(shop, starts_at="2026-11-10T18:30:00+18:30").json == {"version": 2}
    assert publish(shop, starts_at="2026-11-10T00:00:00Z").json == {"version": 2}


def test_what_is_to_come_is_not_lost_in_silence(shop: Shop) -> None:
    publish(shop)
    shop.call("PUT", "rule-sets/drafts/next", {"rules": [{**RATE, "points": 3}]})
    refused = shop.post("rule-sets/drafts/next/publish")
    assert (refused.status, refused.code) == (409, "rules_are_coming")
    assert refused.json["versions"] == [2]
    assert became(shop) == {2: "coming", 1: "in_force"}


def test_who_may_only_read_withdraws_nothing(shop: Shop) -> None:
    publish(shop)
    reader = shop.new_key(rights={"rules.read"})
    answer = shop.post("rule-sets/2/withdraw", key=reader)
    assert (answer.status, answer.code) == (403, "forbidden_right")
    assert became(shop) == {2: "coming", 1: "in_force"}


def test_nobody_withdraws_another_programme_s(shop: Shop) -> None:
    publish(shop)
    other = Shop()
    assert other.post("rule-sets/2/withdraw").code == "unknown_version"
    assert became(shop) == {2: "coming", 1: "in_force"}
