"""Booking one activity and batches of them."""

import json
import uuid
from typing import Any

import pytest
from tests.api.shop import JSON, NDJSON, NOW, OPENING, Shop, later

from jifen.common.scope import scope
from jifen.earning.models import Activity


def test_a_purchase_is_booked_and_earns(shop: Shop) -> None:
    member = shop.member()
    answer = shop.book(shop.purchase(member, 12_890), key="k-1")
    assert answer.status == 201
    booked = answer.json
    assert booked["key"] == "k-1"
    assert booked["points"] == {"points": 128}
    assert booked["balances"] == [
        {"unit": "points", "available": 128, "pending": 0, "held": 0, "deficit": 0}
    ]
    assert "replayed" not in booked
    assert shop.available(member) == 128


class TestKeys:
    """A key is booked once, and answers the same for ever."""

    def test_the_same_key_with_the_same_body_answers_the_same(self, shop: Shop) -> None:
        member = shop.member()
        body = shop.purchase(member)
        first = shop.book(body, key="k")
        again = shop.book(body, key="k")
        assert (first.status, again.status) == (201, 200)
        assert again.json == {**first.json, "replayed": True}
        assert shop.available(member) == 100

    def test_the_same_key_with_another_body_is_a_conflict(self, shop: Shop) -> None:
        member = shop.member()
        first = shop.book(shop.purchase(member), key="k")
        other = shop.book(shop.purchase(member, 999), key="k")
        assert (other.status, other.code) == (409, "key_conflict")
        assert other.json["first_id"] == first.json["id"]

    def test_a_refused_key_is_decided_anew(self, shop: Shop) -> None:
        body = shop.purchase(None, member={"kind": "external", "value": "m1"})
        assert shop.book(body, key="k").code == "unknown_member"
        shop.member("m1")
        assert shop.book(body, key="k").status == 201

    def test_another_client_has_its_own_keys(self, shop: Shop) -> None:
        other = shop.new_key()
        first = shop.book(shop.purchase(None), key="k")
        second = shop.post("activities", shop.purchase(None), key=other, Idempotency_Key="k")
        assert (first.status, second.status) == (201, 201)

    def test_an_old_reference_under_a_new_key_names_the_first(self, shop: Shop) -> None:
        member = shop.member()
        first = shop.book(shop.purchase(member, reference="same"), key="k1")
        second = shop.book(shop.purchase(member, reference="same"), key="k2")
        assert (second.status, second.code) == (409, "duplicate_reference")
        assert second.json["first_id"] == first.json["id"]

    @pytest.mark.parametrize(
        ("headers", "code"),
        [
            ({}, "missing_idempotency_key"),
            ({"Idempotency_Key": ""}, "invalid_idempotency_key"),
            ({"Idempotency_Key": "k" * 201}, "invalid_idempotency_key"),
            ({"Idempotency_Key": "é"}, "invalid_idempotency_key"),
        ],
    )
    def test_the_key_is_a_header_of_printable_ascii(
        self, shop: Shop, headers: dict[str, str], code: str
    ) -> None:
        answer = shop.post("activities", shop.purchase(None), **headers)
        assert (answer.status, answer.code) == (400, code)

    def test_a_single_body_has_no_key_of_its_own(self, shop: Shop) -> None:
        answer = shop.book(shop.purchase(None, key="k"), key="k")
        assert (answer.status, answer.code) == (422, "unknown_field")


def line(**changes: Any) -> dict[str, Any]:
    return {"lines": [{"product": "tea", "quantity": 1, "amount_minor": 100, **changes}]}


@pytest.mark.parametrize(
    ("changes", "status", "code"),
    [
        ({"member": {"kind": "external", "value": "nobody"}}, 404, "unknown_member"),
        ({"member": {"kind": "id", "value": str(uuid.uuid4())}}, 404, "unknown_member"),
        ({"member": {"kind": "id", "value": "no id"}}, 404, "unknown_member"),
        ({"member": {"kind": "phone", "value": "12"}}, 422, "invalid_phone"),
        ({"store": "nowhere"}, 404, "unknown_store"),
        (line(amount_minor=-1), 422, "too_small"),
        (line(amount_minor=1.5), 422, "fractional_number"),
        (line(amount_minor=10**30), 422, "too_large"),
        (line(amount_minor="12"), 422, "wrong_type"),
        (line(discount_minor=101), 422, "discount_above_amount"),
        (line(product="x" * 2_000_000), 422, "too_long"),
        (line(product="\0"), 422, "unprintable_text"),
        ({"colour": "red"}, 422, "unknown_field"),
        ({"kind": "enrolment"}, 422, "unknown_value"),
        ({"occurred_at": "2026-07-01T12:00:00"}, 422, "time_without_zone"),
        ({"occurred_at": "soon"}, 422, "invalid_time"),
        ({"occurred_at": later(minutes=6).isoformat()}, 422, "time_in_future"),
        ({"occurred_at": f"{OPENING.year - 1}-12-31T00:00:00Z"}, 422, "time_too_early"),
        ({"occurred_at": "0001-01-01T00:00:00+23:59"}, 422, "invalid_time"),
    ],
)
def test_bad_input_has_its_own_name_and_books_nothing(
    shop: Shop, changes: dict[str, Any], status: int, code: str
) -> None:
    answer = shop.book(shop.purchase(None, **changes))
    assert (answer.status, answer.code) == (status, code)
    with scope(shop.programme.id):
        assert not Activity.objects.exists()


def test_five_minutes_ahead_is_still_now(shop: Shop) -> None:
    assert shop.book(shop.purchase(None, at=later(minutes=5))).status == 201


def test_a_client_books_as_far_back_as_it_may(shop: Shop) -> None:
    key = shop.new_key(backdate_days=3)
    assert shop.book(shop.purchase(None, at=later(days=-3))).status == 201
    early = shop.post(
        "activities", shop.purchase(None, at=later(days=-4)), key=key, Idempotency_Key="a"
    )
    assert early.code == "time_too_early"
    fine = shop.post(
        "activities", shop.purchase(None, at=later(days=-3)), key=key, Idempotency_Key="b"
    )
    assert fine.status == 201


class TestRefunds:
    """What refunds may and may not."""

    def refund(self, reference: str, **changes: Any) -> dict[str, Any]:
        return {
            "kind": "refund",
            "occurred_at": NOW.isoformat(),
            "of": {"reference": reference},
            **changes,
        }

    def test_a_refund_takes_the_points_back(self, shop: Shop) -> None:
        member = shop.member()
        shop.book(shop.purchase(member, reference="o1"))
        answer = shop.book(self.refund("o1"))
        assert answer.status == 201
        assert answer.json["points"] == {"points": -100}
        assert shop.available(member) == 0

    @pytest.mark.parametrize(
        ("lines", "status", "code"),
        [
            ([{"line": 0, "quantity": 4}], 409, "refund_above_purchase"),
            ([{"line": 1, "quantity": 1}], 404, "unknown_line"),
            ([{"line": 0, "quantity": 0}], 422, "too_small"),
            ([], 422, "too_short"),
        ],
    )
    def test_more_than_was_bought_is_refused(
        self, shop: Shop, lines: list[Any], status: int, code: str
    ) -> None:
        shop.book(shop.purchase(None, reference="o1", **line(quantity=3)))
        answer = shop.book(self.refund("o1", lines=lines))
        assert (answer.status, answer.code) == (status, code)

    def test_a_second_refund_finds_nothing_kept(self, shop: Shop) -> None:
        shop.book(shop.purchase(None, reference="o1"))
        assert shop.book(self.refund("o1")).status == 201
        again = shop.book(self.refund("o1"))
        assert (again.status, again.code) == (409, "nothing_kept")

    def test_a_refund_is_not_dated_before_its_purchase(self, shop: Shop) -> None:
        shop.book(shop.purchase(None, reference="o1"))
        answer = shop.book(self.refund("o1", occurred_at=later(days=-1).isoformat()))
        assert (answer.status, answer.code) == (422, "refund_before_purchase")
        assert answer.json["purchased_at"] == NOW.isoformat()
        assert shop.book(self.refund("o1", occurred_at=later(minutes=-5).isoformat())).status == 201

    def test_an_order_that_nobody_booked_cannot_be_refunded(self, shop: Shop) -> None:
        answer = shop.book(self.refund("o1"))
        assert (answer.status, answer.code) == (404, "unknown_order")


@pytest.mark.parametrize(
    ("born", "status", "code"),
    [("1990-07-02", 422, "not_the_birthday"), (None, 409, "no_birthday")],
)
def test_a_birthday_is_no_other_day(shop: Shop, born: str | None, status: int, code: str) -> None:
    member = shop.member(**({"birthday_on": born} if born else {}))
    body = {
        "kind": "birthday",
        "occurred_at": NOW.isoformat(),
        "member": {"kind": "id", "value": member},
    }
    answer = shop.book(body)
    assert (answer.status, answer.code) == (status, code)
    assert "1990" not in answer.content.decode()


def test_a_birthday_is_booked_on_its_day_once(shop: Shop) -> None:
    member = shop.member(birthday_on="1990-07-01")
    body = {
        "kind": "birthday",
        "occurred_at": NOW.isoformat(),
        "member": {"kind": "id", "value": member},
    }
    assert shop.book(body).status == 201
    assert shop.book(body).code == "already_done"


def encoded(items: list[dict[str, Any]], content_type: str) -> bytes:
    if content_type == NDJSON:
        return b"\n".join(json.dumps(item).encode() for item in items) + b"\n"
    return json.dumps({"activities": items}).encode()


@pytest.mark.parametrize("content_type", [JSON, NDJSON])
class TestBatches:
    """Every item gets its own result."""

    def results(self, shop: Shop, body: bytes, content_type: str) -> list[Any]:
        answer = shop.post("activities/batch", body, content_type=content_type)
        assert answer.status == 200, answer.content
        assert answer.headers["Content-Type"] == content_type
        found = answer.json["results"] if content_type == JSON else answer.lines
        assert [result["index"] for result in found] == list(range(len(found)))
        return list(found)

    def test_a_bad_item_in_the_middle_spoils_no_other(self, shop: Shop, content_type: str) -> None:
        member = shop.member()
        items = [shop.purchase(member, key=f"k{number}") for number in range(5)]
        items[1]["lines"][0]["amount_minor"] = -5
        items[3]["member"]["value"] = str(uuid.uuid4())
        results = self.results(shop, encoded(items, content_type), content_type)
        assert [result["status"] for result in results] == [
            "booked",
            "refused",
            "booked",
            "refused",
            "booked",
        ]
        assert [result["key"] for result in results] == ["k0", "k1", "k2", "k3", "k4"]
        assert (results[1]["error"]["code"], results[1]["error"]["status"]) == ("too_small", 422)
        assert (results[3]["error"]["code"], results[3]["error"]["status"]) == (
            "unknown_member",
            404,
        )
        assert shop.available(member) == 300
        assert shop.post("verify").json["ok"]

    def test_again_everything_is_replayed(self, shop: Shop, content_type: str) -> None:
        member = shop.member()
        body = encoded([shop.purchase(member, key=f"k{n}") for n in range(3)], content_type)
        first = self.results(shop, body, content_type)
        again = self.results(shop, body, content_type)
        assert {result["status"] for result in again} == {"replayed"}
        for before, after in zip(first, again, strict=True):
            assert after["activity"] == {**before["activity"], "replayed": True}
        assert shop.available(member) == 300

    def test_the_same_key_twice_gets_the_firsts_answer(self, shop: Shop, content_type: str) -> None:
        member = shop.member()
        item = shop.purchase(member, key="k")
        other = shop.purchase(member, 7, key="k")
        results = self.results(shop, encoded([item, item, other], content_type), content_type)
        assert [result["status"] for result in results] == ["booked", "replayed", "refused"]
        assert results[1]["activity"]["id"] == results[0]["activity"]["id"]
        assert results[2]["error"]["code"] == "key_conflict"

    def test_the_header_is_refused(self, shop: Shop, content_type: str) -> None:
        body = encoded([shop.purchase(None, key="k")], content_type)
        answer = shop.post("activities/batch", body, content_type=content_type, Idempotency_Key="k")
        assert (answer.status, answer.code) == (400, "idempotency_key_refused")

    def test_a_thousand_and_one_are_too_many(self, shop: Shop, content_type: str) -> None:
        items = [shop.purchase(None, key=f"k{number}") for number in range(1001)]
        answer = shop.post(
            "activities/batch", encoded(items, content_type), content_type=content_type
        )
        assert (answer.status, answer.code) == (422, "too_many_items")

    def test_an_empty_batch_is_refused(self, shop: Shop, content_type: str) -> None:
        answer = shop.post("activities/batch", encoded([], content_type), content_type=content_type)
        assert (answer.status, answer.code) == (422, "empty_batch")


def test_a_line_that_is_no_json_is_one_refusal(shop: Shop) -> None:
    good = [json.dumps(shop.purchase(None, key=f"k{n}")).encode() for n in range(2)]
    bad = [b"{oops", b'{"kind":"purchase","key":"u","reference":"\xff"}', b"[1]"]
    body = b"\n".join([good[0], *bad, b"", good[1]])
    answer = shop.post("activities/batch", body, content_type=NDJSON)
    assert [result["status"] for result in answer.lines] == [
        "booked",
        "refused",
        "refused",
        "refused",
        "booked",
    ]
    codes = [result["error"]["code"] for result in answer.lines[1:4]]
    assert codes == ["malformed_json", "invalid_utf8", "wrong_type"]


def test_titles_in_a_batch_follow_the_language_too(shop: Shop) -> None:
    body = shop.purchase(None, key="k", store="nowhere")
    answer = shop.post("activities/batch", {"activities": [body]}, Accept_Language="zh-CN")
    assert answer.json["results"][0]["error"]["title"] == "门店不存在"


class TestPreview:
    """The same decision without the write."""

    def test_a_preview_says_what_booking_says_and_writes_nothing(self, shop: Shop) -> None:
        member = shop.member()
        body = shop.purchase(member, 12_890)
        seen = shop.post("activities/preview", body)
        assert seen.status == 200
        assert seen.json["points"] == {"points": 128}
        assert shop.available(member) == 0
        booked = shop.book(body).json
        assert {**seen.json, "id": "", "key": ""} == {**booked, "id": "", "key": ""}

    def test_a_preview_of_many_takes_the_body_of_a_batch(self, shop: Shop) -> None:
        member = shop.member()
        items = [shop.purchase(member, key="a"), shop.purchase(member, key="b", store="nowhere")]
        answer = shop.post("activities/preview", {"activities": items})
        assert [result["status"] for result in answer.json["results"]] == ["booked", "refused"]
        lines = shop.post("activities/preview", encoded(items, NDJSON), content_type=NDJSON).lines
        assert [result["status"] for result in lines] == ["booked", "refused"]
        assert shop.available(member) == 0

    def test_a_preview_is_refused_as_booking_would_be(self, shop: Shop) -> None:
        answer = shop.post("activities/preview", shop.purchase(None, store="nowhere"))
        assert (answer.status, answer.code) == (404, "unknown_store")


class TestAdjusting:
    """Moving points by hand needs a right of its own."""

    def adjustment(self, member: str) -> dict[str, Any]:
        return {
            "kind": "adjustment",
            "occurred_at": NOW.isoformat(),
            "member": {"kind": "id", "value": member},
            "unit": "points",
            "points": 50,
            "reason": "an apology",
            "actor": "li.na",
        }

    def test_with_the_right_it_moves(self, shop: Shop) -> None:
        member = shop.member()
        assert shop.book(self.adjustment(member)).status == 201
        assert shop.available(member) == 50

    def test_without_the_right_only_that_item_is_refused(self, shop: Shop) -> None:
        member = shop.member()
        key = shop.new_key(rights={"activities.write"})
        alone = shop.post("activities", self.adjustment(member), key=key, Idempotency_Key="x")
        assert (alone.status, alone.code) == (403, "forbidden_right")
        items = [{**self.adjustment(member), "key": "a"}, shop.purchase(member, key="b")]
        answer = shop.post("activities/batch", {"activities": items}, key=key)
        results = answer.json["results"]
        assert [result["status"] for result in results] == ["refused", "booked"]
        assert results[0]["error"]["code"] == "forbidden_right"
