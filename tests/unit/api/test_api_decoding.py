"""Bytes → activities: every way to be wrong has its own code and its place."""

import json
from collections.abc import Mapping

import pytest

from jifen.common.errors import JifenError
from jifen.earning.types import Purchase
from jifen.faces.api import decoding
from jifen.faces.api.decoding import JSON, NDJSON, Undecoded

LINE = {"product": "tea", "quantity": 1, "amount_minor": 100}
PURCHASE = {
    "kind": "purchase",
    "occurred_at": "2026-05-01T12:00:00+08:00",
    "reference": "R1",
    "lines": [LINE],
}


def purchase(**changes: object) -> dict[str, object]:
    return {**PURCHASE, **changes}


def line(**changes: object) -> dict[str, object]:
    return purchase(lines=[{**LINE, **changes}])


def code_of(body: bytes | Mapping[str, object]) -> str:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    with pytest.raises(JifenError) as caught:
        decoding.one(body=raw, key="k")
    return caught.value.code


def test_a_single_body_gets_the_key_of_its_header() -> None:
    activity = decoding.one(body=json.dumps(PURCHASE).encode(), key="header-key")
    assert isinstance(activity, Purchase)
    assert activity.key == "header-key"
    assert activity.lines[0].amount_minor == 100


def test_a_body_with_leading_blanks_is_read_too() -> None:
    raw = b" \n\t" + json.dumps(PURCHASE, indent=2).encode()
    assert decoding.one(body=raw, key="k").key == "k"


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "malformed_json"),
        (b"{", "malformed_json"),
        (b"{}", "missing_field"),
        (b"{ }", "missing_field"),
        (b"[]", "wrong_type"),
        (b"null", "wrong_type"),
        (b'{"kind":"purchase",}', "malformed_json"),
        (b'{"kind":NaN}', "malformed_json"),
        (b"\xef\xbb\xbf{}", "malformed_json"),
        (json.dumps(purchase(reference="x")).encode().replace(b"x", b"\xff"), "invalid_utf8"),
        (json.dumps(purchase(reference="x")).encode().replace(b"x", b"\\ud800"), "malformed_json"),
        (b'{"a":' * 100_000, "malformed_json"),
        (purchase(key="other"), "unknown_field"),
        (purchase(colour="red"), "unknown_field"),
        (purchase(kind="enrolment"), "unknown_value"),
        (purchase(kind="lottery"), "unknown_value"),
        (purchase(kind=7), "wrong_type"),
        (line(amount_minor=-1), "too_small"),
        (line(amount_minor=1.5), "fractional_number"),
        (line(amount_minor="12"), "wrong_type"),
        (line(amount_minor=True), "wrong_type"),
        (line(amount_minor=None), "wrong_type"),
        (line(amount_minor=10**13), "too_large"),
        (line(amount_minor=10**40), "too_large"),
        (line(quantity=0), "too_small"),
        (line(kind="toys"), "unknown_value"),
        (purchase(lines=[]), "too_short"),
        (purchase(reference=""), "too_short"),
        (purchase(reference="x" * 2_000_000), "too_long"),
        (purchase(reference="a\0b"), "unprintable_text"),
        (purchase(store="no spaces"), "wrong_pattern"),
        (purchase(occurred_at="2026-05-01T12:00:00"), "time_without_zone"),
        (purchase(occurred_at="yesterday"), "invalid_time"),
        (purchase(occurred_at="2026-02-30T12:00:00Z"), "invalid_time"),
        (purchase(occurred_at="0001-01-01T00:00:00+23:59"), "invalid_time"),
        (purchase(occurred_at="9999-12-31T23:59:59-23:00"), "invalid_time"),
        (purchase(occurred_at=1700000000), "wrong_type"),
    ],
)
def test_what_is_wrong_has_a_name(body: bytes | dict[str, object], code: str) -> None:
    assert code_of(body) == code


def test_a_fault_says_where_and_does_not_repeat_a_long_value() -> None:
    with pytest.raises(JifenError) as caught:
        decoding.one(body=json.dumps(line(kind="y" * 5000)).encode(), key="k")
    assert caught.value.fields == {"at": "$.lines[0].kind"}
    assert len(caught.value.detail) < 250


def test_an_escaped_backslash_before_u0000_is_ordinary_text() -> None:
    raw = json.dumps(purchase(reference="\\u0000")).encode()
    activity = decoding.one(body=raw, key="k")
    assert isinstance(activity, Purchase)
    assert activity.reference == "\\u0000"


ITEMS = [purchase(key="a"), purchase(key="b", points_paid=-1), purchase(key="c")]


@pytest.mark.parametrize("content_type", [JSON, NDJSON])
def test_a_bad_item_does_not_spoil_its_neighbours(content_type: str) -> None:
    body = (
        json.dumps({"activities": ITEMS}).encode()
        if content_type == JSON
        else b"\n".join(json.dumps(item).encode() for item in ITEMS) + b"\n\n"
    )
    first, second, third = decoding.many(body=body, content_type=content_type)
    assert isinstance(first, Purchase)
    assert isinstance(third, Purchase)
    assert isinstance(second, Undecoded)
    assert (second.key, second.error.code) == ("b", "too_small")


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (b"{nonsense", "malformed_json"),
        (b'{"kind":"purchase","key":"\xff"}', "invalid_utf8"),
        (b"7", "wrong_type"),
    ],
)
def test_a_line_that_is_no_json_is_one_refusal(bad: bytes, code: str) -> None:
    good = json.dumps(ITEMS[0]).encode()
    items = decoding.many(body=b"\r\n".join([good, bad, good]), content_type=NDJSON)
    assert [isinstance(item, Undecoded) for item in items] == [False, True, False]
    assert isinstance(items[1], Undecoded)
    assert items[1].error.code == code


def test_u0000_in_one_item_of_json_is_that_items_fault() -> None:
    body = json.dumps({"activities": [ITEMS[0], purchase(key="n", reference="a\0")]}).encode()
    first, second = decoding.many(body=body, content_type=JSON)
    assert isinstance(first, Purchase)
    assert isinstance(second, Undecoded)
    assert (second.key, second.error.code) == ("n", "unprintable_text")


@pytest.mark.parametrize(
    ("body", "content_type", "code"),
    [
        (b'{"activities":[]}', JSON, "empty_batch"),
        (b"\n\n", NDJSON, "empty_batch"),
        (b'{"activities":[' + b",".join([b"{}"] * 1001) + b"]}", JSON, "too_many_items"),
        (b"{}\n" * 1001, NDJSON, "too_many_items"),
        (b'{"activities":[}', JSON, "malformed_json"),
        (b'{"activities":' + b"[" * 100_000, JSON, "malformed_json"),
        (b'{"items":[]}', JSON, "unknown_field"),
        (b"{}", JSON, "missing_field"),
    ],
)
def test_a_whole_that_cannot_be_read_is_refused(body: bytes, content_type: str, code: str) -> None:
    with pytest.raises(JifenError) as caught:
        decoding.many(body=body, content_type=content_type)
    assert caught.value.code == code


def test_opening_lots_need_a_zone_too() -> None:
    body = {
        "kind": "opening",
        "occurred_at": "2026-05-01T12:00:00Z",
        "member": {"kind": "external", "value": "m"},
        "lots": [{"unit": "points", "points": 5, "expires_at": "2027-01-01T00:00:00"}],
    }
    assert code_of(body) == "time_without_zone"
