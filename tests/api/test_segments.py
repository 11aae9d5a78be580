"""Segments over HTTP."""

from typing import Any

import pytest
from tests.api.shop import Shop
from tests.world import RATE, rule_set

TAGGED = {"kind": "tag", "any_of": ["茶友"]}


@pytest.fixture
def crowd(shop: Shop) -> list[str]:
    """Five members, of whom the first three have a tag."""
    found = [shop.member() for _ in range(5)]
    for member in found[:3]:
        shop.call("PATCH", f"members/{member}", {"add_tags": ["茶友"]})
    return found


def put(shop: Shop, condition: Any = TAGGED, code: str = "tea", **body: Any) -> Any:
    return shop.call("PUT", f"segments/{code}", {"name": "茶友", "condition": condition, **body})


def test_written_read_counted_listed_and_deleted(shop: Shop, crowd: list[str]) -> None:
    saved = put(shop)
    assert (saved.status, saved.json["condition"]) == (200, TAGGED)
    assert shop.get("segments/tea").json == saved.json
    assert [each["code"] for each in shop.get("segments").json["segments"]] == ["tea"]
    assert shop.get("segments/tea/count").json["members"] == 3
    listed = shop.get("segments/tea/members?limit=2").json
    rest = shop.get(f"segments/tea/members?limit=2&cursor={listed['next_cursor']}").json
    assert [each["id"] for each in (*listed["members"], *rest["members"])] == crowd[:3]
    ids = shop.get("segments/tea/ids?limit=2").json
    more = shop.get(f"segments/tea/ids?limit=2&cursor={ids['next_cursor']}").json
    assert (ids["ids"] + more["ids"], more["next_cursor"]) == (crowd[:3], None)
    assert put(shop, {"kind": "not", "of": TAGGED}).status == 200
    assert shop.get("segments/tea/ids").json["ids"] == crowd[3:]
    assert shop.call("DELETE", "segments/tea").status == 204
    gone = shop.call("DELETE", "segments/tea")
    assert (gone.status, gone.code) == (404, "unknown_segment")


def test_a_list_says_by_what_each_chooses(shop: Shop) -> None:
    saved = put(shop).json
    assert shop.get("segments").json == {"segments": [saved]}


def test_the_schema_knows_every_kind(shop: Shop) -> None:
    """A form is drawn from it, so it has to hold what a condition may be."""
    schema = shop.get("segments/conditions/schema").json
    kinds = set(schema["discriminator"]["mapping"])
    assert kinds == {
        *("all", "any", "not", "spend", "orders", "last_order", "last_visit"),
        *("tier", "tag", "birthday", "store", "enrolled"),
    }
    for place in schema["discriminator"]["mapping"].values():
        assert schema["$defs"][place.removeprefix("#/$defs/")]["properties"]
    parts = schema["$defs"]["AllOf"]["properties"]["of"]["items"]
    assert set(parts["discriminator"]["mapping"]) == kinds


def test_a_preview_counts_and_names_the_first(shop: Shop, crowd: list[str]) -> None:
    shown = shop.post("segments/preview", {"condition": {"kind": "enrolled", "days": 1}}).json
    assert (shown["members"], shown["first"]) == (5, crowd)
    assert shop.get("segments").json == {"segments": []}


def test_phones_in_a_list_are_masked_without_the_right(shop: Shop) -> None:
    shop.post(
        "members",
        {"identities": [{"kind": "phone", "value": "13812342186"}]},
        Idempotency_Key="k",
    )
    put(shop, {"kind": "enrolled", "days": 1})
    key = shop.new_key(rights={"members.read"})
    seen = shop.get("segments/tea/members", key=key)
    assert b"12342186" not in seen.content
    assert b"12342186" in shop.get("segments/tea/members").content


@pytest.mark.parametrize(
    ("condition", "status", "code"),
    [
        ({"kind": "colour", "any_of": ["red"]}, 422, "unknown_value"),
        ({"kind": "tag", "any_of": []}, 422, "too_short"),
        ({"kind": "tag", "any_of": [7]}, 422, "wrong_type"),
        ({"kind": "tag", "any_of": ["x"], "colour": "red"}, 422, "unknown_field"),
        ({"kind": "tag", "any_of": [" "]}, 422, "invalid_tag"),
        ({"kind": "tag", "any_of": ["a\0b"]}, 422, "unprintable_text"),
        ({"kind": "spend", "at_least_minor": 1.5}, 422, "fractional_number"),
        ({"kind": "spend", "at_least_minor": -1}, 422, "too_small"),
        ({"kind": "spend"}, 422, "invalid_segment"),
        ({"kind": "tier", "any_of": ["platinum"]}, 404, "unknown_tier"),
        ({"kind": "store", "any_of": ["nowhere"]}, 404, "unknown_store"),
        ({"kind": "last_order"}, 422, "missing_field"),
        ({"kind": "birthday", "first": "1-1", "last": "1-2"}, 422, "wrong_pattern"),
        ({"any_of": ["x"]}, 422, "missing_field"),
    ],
    ids=str,
)
def test_bad_input_has_its_own_name(
    shop: Shop, condition: dict[str, Any], status: int, code: str
) -> None:
    saved, shown = put(shop, condition), shop.post("segments/preview", {"condition": condition})
    assert (saved.status, saved.code) == (shown.status, shown.code) == (status, code)
    assert shop.get("segments").json == {"segments": []}


def test_what_is_nested_without_end_is_refused(shop: Shop) -> None:
    deep: Any = TAGGED
    for _ in range(50):
        deep = {"kind": "not", "of": deep}
    answer = put(shop, deep)
    assert (answer.status, answer.code) == (422, "invalid_segment")
    endless = b'{"kind":"not","of":' * 100_000
    raw = b'{"name":"x","condition":' + endless
    answer = shop.call("PUT", "segments/tea", raw)
    assert (answer.status, answer.code) == (400, "malformed_json")


def test_another_programmes_segment_is_not_there(shop: Shop) -> None:
    elsewhere = Shop()
    put(elsewhere)
    for path in ("segments/tea", "segments/tea/count", "segments/tea/ids", "segments/tea/members"):
        answer = shop.get(path)
        assert (answer.status, answer.code) == (404, "unknown_segment")


# --- rules for them ------------------------------------------------------------------------------


def publish(shop: Shop, **changes: Any) -> Any:
    """Publish the usual rule and another one: a point more for each yuan, for some."""
    document = rule_set(RATE, {**RATE, "code": "tea", **changes})
    assert shop.call("PUT", "rule-sets/drafts/tea", document).status == 200
    return shop.post("rule-sets/drafts/tea/publish")


def test_rules_are_for_members_of_a_segment(shop: Shop, crowd: list[str]) -> None:
    put(shop)
    assert publish(shop, segments=["tea"]).status == 200
    for member, more in ((crowd[0], True), (crowd[4], False)):
        body = shop.purchase(member)
        shown = shop.post("activities/preview", body).json
        booked = shop.book(body).json
        assert shown["award"] == booked["award"]
        given = {part["rule"] for part in booked["award"]["parts"]}
        assert ("tea" in given) is more
        explained = shop.get(f"activities/{booked['id']}/explain", Accept_Language="en").json
        assert ("tea: only for members in tea" in explained["sentences"]) is not more
        assert explained["facts"].get("segments", []) == (["tea"] if more else [])


def test_a_segment_that_rules_are_for_is_not_deleted(shop: Shop) -> None:
    put(shop)
    publish(shop, segments=["tea"])
    kept = shop.call("DELETE", "segments/tea")
    assert (kept.status, kept.code, kept.json["segment"]) == (409, "segment_in_use", "tea")
    assert shop.get("segments/tea").status == 200


@pytest.mark.parametrize(
    ("changes", "code", "path"),
    [
        ({"segments": ["coffee"]}, "invalid_rule_set", "$.rules[1].segments[0]"),
        ({"segments": "tea"}, "invalid_rule_set", "$.rules[1].segments"),
        ({"tags": [" "]}, "invalid_tag", None),
        ({"tags": [""]}, "invalid_rule_set", "$.rules[1].tags[0]"),
    ],
    ids=str,
)
def test_rules_for_nobody_are_not_published(
    shop: Shop, changes: dict[str, Any], code: str, path: str | None
) -> None:
    put(shop)
    answer = publish(shop, **changes)
    assert (answer.status, answer.code, answer.json.get("path")) == (422, code, path)
