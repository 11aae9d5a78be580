"""Members over HTTP."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections
from tests.api.shop import Answer, Shop

PHONE = {"kind": "phone", "value": "138 1234 2186"}
CARD = {"kind": "card", "value": "C-7"}


def enrol(shop: Shop, *identities: dict[str, str], key: str | None = None, **body: Any) -> Answer:
    return shop.post(
        "members",
        {"identities": list(identities), **body},
        Idempotency_Key=key or uuid.uuid4().hex,
    )


class TestEnrolment:
    """One person is one member."""

    def test_a_new_member(self, shop: Shop) -> None:
        answer = enrol(shop, PHONE, CARD, name="王小明", birthday_on="1990-06-18")
        assert answer.status == 201
        body = answer.json
        assert (body["is_new"], body["replayed"]) == (True, False)
        member = body["member"]
        assert (member["name"], member["birthday_on"], member["tier"]) == (
            "王小明",
            "1990-06-18",
            "",
        )
        assert {"kind": "phone", "value": "+8613812342186"} in member["identities"]

    def test_somebody_who_is_known_is_answered_and_gains_identities(self, shop: Shop) -> None:
        first = enrol(shop, PHONE).json["member"]
        second = enrol(shop, PHONE, CARD)
        assert second.status == 200
        assert second.json["is_new"] is False
        assert second.json["member"]["id"] == first["id"]
        assert len(second.json["member"]["identities"]) == 2

    def test_the_same_key_is_answered_again(self, shop: Shop) -> None:
        first = enrol(shop, PHONE, key="k")
        again = enrol(shop, PHONE, key="k")
        assert (first.status, again.status) == (201, 200)
        assert again.json["replayed"]
        assert again.json["member"] == first.json["member"]
        other = enrol(shop, CARD, key="k")
        assert (other.status, other.code) == (409, "key_conflict")

    def test_identities_of_two_members_are_a_conflict(self, shop: Shop) -> None:
        enrol(shop, PHONE)
        enrol(shop, CARD)
        answer = enrol(shop, PHONE, CARD)
        assert (answer.status, answer.code) == (409, "identity_taken")

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({"identities": []}, 422, "too_short"),
            ({}, 422, "missing_field"),
            ({"identities": [{"kind": "id", "value": "x"}]}, 422, "unknown_value"),
            ({"identities": [{"kind": "phone", "value": "12"}]}, 422, "invalid_phone"),
            ({"identities": [{"kind": "card", "value": " "}]}, 422, "invalid_identity"),
            ({"identities": [{"kind": "card", "value": "x" * 2_000_000}]}, 422, "too_long"),
            ({"identities": [CARD], "birthday_on": "1990-02-30"}, 422, "invalid_time"),
            ({"identities": [CARD], "birthday_on": "2026-07-02"}, 422, "invalid_birthday"),
            ({"identities": [CARD], "birthday_on": "1899-12-31"}, 422, "invalid_birthday"),
            ({"identities": [CARD], "store": "nowhere"}, 404, "unknown_store"),
            ({"identities": [CARD], "colour": "red"}, 422, "unknown_field"),
            ({"identities": [CARD], "name": 7}, 422, "wrong_type"),
            ({"identities": [CARD], "name": "a\0b"}, 422, "unprintable_text"),
        ],
    )
    def test_bad_input_has_its_own_name(
        self, shop: Shop, body: dict[str, Any], status: int, code: str
    ) -> None:
        answer = shop.post("members", body, Idempotency_Key="k")
        assert (answer.status, answer.code) == (status, code)
        assert shop.get("members").json["members"] == []

    def test_a_key_is_needed(self, shop: Shop) -> None:
        answer = shop.post("members", {"identities": [CARD]})
        assert (answer.status, answer.code) == (400, "missing_idempotency_key")

    def test_parallel_enrolments_of_one_phone_make_one_member(self, shop: Shop) -> None:
        def once(_: int) -> str:
            try:
                answer = enrol(shop, PHONE)
                assert answer.status in {200, 201}, answer.content
                return str(answer.json["member"]["id"])
            finally:
                connections.close_all()

        with ThreadPoolExecutor(4) as pool:
            ids = set(pool.map(once, range(8)))
        assert len(ids) == 1
        assert len(shop.get("members").json["members"]) == 1


class TestReading:
    """Finding and reading members."""

    def test_lookup_by_any_identity(self, shop: Shop) -> None:
        member = enrol(shop, PHONE, CARD).json["member"]
        for identity in (PHONE, CARD, {"kind": "phone", "value": "+86 138-1234-2186"}):
            answer = shop.post("members/lookup", identity)
            assert answer.status == 200
            assert answer.json["id"] == member["id"]
        nobody = shop.post("members/lookup", {"kind": "card", "value": "C-8"})
        assert (nobody.status, nobody.code) == (404, "unknown_member")

    def test_phones_are_masked_without_the_right(self, shop: Shop) -> None:
        member = enrol(shop, PHONE).json["member"]
        key = shop.new_key(rights={"members.read", "members.write", "activities.read"})
        masked = [{"kind": "phone", "value": "138****2186"}]
        assert shop.get(f"members/{member['id']}", key=key).json["identities"] == masked
        assert shop.post("members/lookup", PHONE, key=key).json["identities"] == masked
        assert shop.get("members", key=key).json["members"][0]["identities"] == masked
        again = shop.post("members", {"identities": [PHONE]}, key=key, Idempotency_Key="another")
        assert again.json["member"]["identities"] == masked

    def test_an_activity_never_keeps_a_phone(self, shop: Shop) -> None:
        member = enrol(shop, PHONE).json["member"]["id"]
        booked = shop.book(shop.purchase(None, member=PHONE)).json
        for path in (
            f"activities/{booked['id']}",
            f"activities/{booked['id']}/explain",
            f"members/{member}/activities",
        ):
            seen = shop.get(path)
            assert seen.status == 200
            assert b"12342186" not in seen.content.replace(b" ", b"")
            assert member.encode() in seen.content

    def test_a_list_goes_on_by_cursor(self, shop: Shop) -> None:
        made = [shop.member() for _ in range(5)]
        seen: list[str] = []
        path = "members?limit=2"
        pages = 0
        while path:
            page = shop.get(path).json
            seen += [member["id"] for member in page["members"]]
            pages += 1
            following = page["next_cursor"]
            path = f"members?limit=2&cursor={following}" if following else ""
        assert (seen, pages) == (made, 3)

    @pytest.mark.parametrize(
        ("query", "status", "code"),
        [
            ("cursor=garbage", 400, "invalid_cursor"),
            ("cursor=" + "A" * 101, 422, "too_long"),
            ("cursor=%00", 400, "invalid_cursor"),
            ("limit=0", 422, "too_small"),
            ("limit=201", 422, "too_large"),
            ("limit=many", 422, "wrong_type"),
        ],
    )
    def test_a_bad_query_has_its_own_name(
        self, shop: Shop, query: str, status: int, code: str
    ) -> None:
        answer = shop.get(f"members?{query}")
        assert (answer.status, answer.code) == (status, code)
