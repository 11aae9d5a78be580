"""Frozen, merged, leaving, forgotten, tagged: whole members over HTTP."""

import uuid
from typing import Any

import pytest
from tests.api.shop import NOW, Answer, Shop, later

from jifen.common.clock import set_clock

STAFF = {"reason": "the card was lost", "actor": "Li Na"}
WHEN = {"occurred_at": NOW.isoformat()}
PHONE = {"kind": "phone", "value": "13812342186"}


def act(shop: Shop, path: str, body: Any = None, key: str | None = None, **options: Any) -> Answer:
    """A write under a key."""
    return shop.post(path, body, Idempotency_Key=key or uuid.uuid4().hex, **options)


def merged(shop: Shop, survivor: str, other: str) -> Answer:
    body = {"other": {"kind": "id", "value": other}, **WHEN, **STAFF}
    return act(shop, f"members/{survivor}/merge", body)


class TestFreezing:
    """A frozen member takes no part."""

    def test_freeze_refuse_and_unfreeze(self, shop: Shop) -> None:
        member = shop.member()
        order = shop.purchase(member)
        assert shop.book(order).status == 201
        frozen = shop.post(f"members/{member}/freeze", STAFF)
        assert (frozen.status, frozen.json["status"]) == (200, "frozen")
        refused = shop.book(shop.purchase(member))
        assert (refused.status, refused.code) == (409, "member_frozen")
        again = shop.post(f"members/{member}/freeze", STAFF)
        assert (again.status, again.code) == (409, "already_frozen")
        of = {"reference": order["reference"]}
        refund = {"kind": "refund", "occurred_at": NOW.isoformat(), "of": of}
        assert shop.book(refund).status == 201
        thawed = shop.post(f"members/{member}/unfreeze", STAFF)
        assert thawed.json["status"] == "active"
        assert shop.book(shop.purchase(member)).status == 201
        told = shop.get(f"members/{member}/audit").json["entries"]
        assert [(each["kind"], each["reason"]) for each in told] == [
            ("unfrozen", STAFF["reason"]),
            ("frozen", STAFF["reason"]),
        ]

    def test_the_audit_goes_on_by_cursor(self, shop: Shop) -> None:
        member = shop.member()
        for _ in range(2):
            shop.post(f"members/{member}/freeze", STAFF)
            shop.post(f"members/{member}/unfreeze", STAFF)
        page = shop.get(f"members/{member}/audit?limit=3").json
        rest = shop.get(f"members/{member}/audit?limit=3&cursor={page['next_cursor']}").json
        assert (len(page["entries"]), len(rest["entries"]), rest["next_cursor"]) == (3, 1, None)


class TestMerging:
    """Two cards, one person."""

    def test_merge_read_and_undo(self, shop: Shop) -> None:
        survivor, other = shop.member(), shop.member()
        for who in (survivor, other):
            assert shop.book(shop.purchase(who)).status == 201
        answer = merged(shop, survivor, other)
        assert (answer.status, answer.json["kind"]) == (201, "merge")
        gone = shop.get(f"members/{other}").json
        assert (gone["status"], gone["merged_into"]) == ("merged", survivor)
        assert shop.available(survivor) == 200
        assert shop.book(shop.purchase(other)).json["member_id"] == survivor
        for path in ("activities", "statement", "balances"):
            assert shop.get(f"members/{other}/{path}").status == 200
        patched = shop.call("PATCH", f"members/{other}", {"name": "x"})
        assert (patched.code, patched.json["survivor_id"]) == ("member_merged", survivor)
        back = act(shop, f"merges/{answer.json['id']}/undo", {**WHEN, **STAFF})
        assert (back.status, back.json["kind"]) == (201, "merge_undo")
        assert [shop.available(each) for each in (survivor, other)] == [200, 100]
        assert shop.get(f"members/{other}").json["status"] == "active"
        told = shop.get(f"activities/{answer.json['id']}/explain").json
        assert [each["kind"] for each in told["related"]] == ["merge_undo"]
        assert shop.post("verify").json["ok"]

    def test_the_same_key_answers_the_same_again(self, shop: Shop) -> None:
        survivor, other = shop.member(), shop.member()
        body = {"other": {"kind": "id", "value": other}, **WHEN, **STAFF}
        first, again = (act(shop, f"members/{survivor}/merge", body, key="k") for _ in range(2))
        assert (first.status, again.status) == (201, 200)
        assert again.json["replayed"]
        undo = [
            act(shop, f"merges/{first.json['id']}/undo", {**WHEN, **STAFF}, key="u")
            for _ in range(2)
        ]
        assert [each.status for each in undo] == [201, 200]
        twice = act(shop, f"merges/{first.json['id']}/undo", {**WHEN, **STAFF})
        assert (twice.status, twice.code) == (409, "already_done")

    def test_too_late(self, shop: Shop) -> None:
        survivor, other = shop.member(), shop.member()
        merge_id = merged(shop, survivor, other).json["id"]
        with set_clock(later(days=31)):
            late = act(shop, f"merges/{merge_id}/undo", {**WHEN, **STAFF})
        assert (late.status, late.code, late.json["days"]) == (409, "merge_undo_too_late", 30)

    @pytest.mark.parametrize(
        ("path", "body", "status", "code"),
        [
            ("members/{me}/merge", {}, 422, "missing_field"),
            ("members/{me}/merge", {"other": {"kind": "id", "value": "{me}"}}, 422,
             "merge_with_itself"),
            ("members/{me}/merge", {"other": {"kind": "id", "value": "x"}}, 404, "unknown_member"),
            ("members/{me}/merge", {"other": {"kind": "id", "value": "{stranger}"}}, 404,
             "unknown_member"),
            ("members/{me}/merge", {"other": {"kind": "phone", "value": "1"}}, 422,
             "invalid_phone"),
            ("members/{stranger}/merge", {"other": {"kind": "id", "value": "{me}"}}, 404,
             "unknown_member"),
            ("merges/{me}/undo", {}, 404, "unknown_merge"),
            ("merges/{merge}/undo", {}, 404, "unknown_merge"),
        ],
    )  # fmt: skip
    def test_bad_input_has_its_own_name(
        self, shop: Shop, path: str, body: dict[str, Any], status: int, code: str
    ) -> None:
        elsewhere = Shop()
        stranger, another = elsewhere.member(), elsewhere.member()
        merge_id = merged(elsewhere, stranger, another).json["id"]
        names = {"me": shop.member(), "stranger": stranger, "merge": merge_id}
        sent = {**WHEN, **STAFF, **filled(body, names)}
        answer = act(shop, path.format(**names), sent)
        assert (answer.status, answer.code) == (status, code)


def filled(body: Any, names: dict[str, str]) -> Any:
    if isinstance(body, dict):
        return {key: filled(value, names) for key, value in body.items()}
    return body.format(**names)


class TestEnding:
    """Leaving and being forgotten."""

    def test_leave_and_come_back_as_somebody_new(self, shop: Shop) -> None:
        enrolled = act(shop, "members", {"identities": [PHONE], "name": "王小明"}).json["member"]
        shop.book(shop.purchase(enrolled["id"]))
        left = act(shop, f"members/{enrolled['id']}/leave", {**WHEN, **STAFF})
        assert (left.status, left.json["points"]) == (201, {"points": -100})
        assert shop.get(f"members/{enrolled['id']}").json["status"] == "left"
        assert shop.post("members/lookup", PHONE).code == "unknown_member"
        again = act(shop, "members", {"identities": [PHONE]})
        assert (again.status, again.json["member"]["id"] != enrolled["id"]) == (201, True)
        assert shop.book(shop.purchase(enrolled["id"])).code == "member_left"

    def test_erase(self, shop: Shop) -> None:
        enrolled = act(
            shop,
            "members",
            {"identities": [PHONE], "name": "王小明", "birthday_on": "1990-06-18"},
        ).json["member"]
        booked = shop.book(shop.purchase(None, member=PHONE)).json
        body = {**WHEN, "actor": "Li Na"}
        gone = act(shop, f"members/{enrolled['id']}/erase", body, key="e")
        assert (gone.status, gone.json["kind"]) == (201, "erasure")
        assert act(shop, f"members/{enrolled['id']}/erase", body, key="e").status == 200
        seen = shop.get(f"members/{enrolled['id']}").json
        assert (seen["status"], seen["name"], seen["birthday_on"], seen["identities"]) == (
            "erased", "", None, [],
        )  # fmt: skip
        assert shop.book(shop.purchase(None, member=PHONE)).code == "unknown_member"
        assert shop.get(f"activities/{booked['id']}/explain").status == 200
        assert act(shop, f"members/{enrolled['id']}/erase", body).code == "member_left"
        assert shop.post("verify").json["ok"]


class TestChanging:
    """Corrections and tags."""

    def test_name_birthday_and_tags(self, shop: Shop) -> None:
        member = shop.member(name="wang", birthday_on="1990-06-18")
        path = f"members/{member}"
        changed = shop.call("PATCH", path, {"name": "王小明", "add_tags": ["VIP", " 茶  友 "]})
        assert changed.status == 200
        body = changed.json
        assert (body["name"], body["birthday_on"], body["tags"]) == (
            "王小明", "1990-06-18", ["vip", "茶 友"],
        )  # fmt: skip
        same = shop.call("PATCH", path, {"name": "王小明", "add_tags": ["vip"]})
        assert same.json == body
        listed = shop.get("members?tag=ＶＩＰ").json["members"]
        assert listed == [{**body, "available": None}]
        assert shop.get("tags").json == {
            "tags": [{"tag": "vip", "members": 1}, {"tag": "茶 友", "members": 1}]
        }
        off = shop.call("PATCH", path, {"birthday_on": None, "remove_tags": ["vip", "none"]})
        assert (off.json["birthday_on"], off.json["tags"]) == (None, ["茶 友"])
        assert shop.call("PATCH", path, {}).json == off.json
        told = shop.get(f"{path}/audit").json["entries"]
        assert [each["fields"] for each in told] == [["birthday_on", "tags"], ["name", "tags"]]
        assert "王小明" not in str(told)

    @pytest.mark.parametrize(
        ("body", "status", "code"),
        [
            ({"name": "x" * 121}, 422, "too_long"),
            ({"name": None}, 422, "wrong_type"),
            ({"birthday_on": "2026-13-01"}, 422, "invalid_time"),
            ({"birthday_on": "2026-07-02"}, 422, "invalid_birthday"),
            ({"birthday_on": "1899-12-31"}, 422, "invalid_birthday"),
            ({"add_tags": [" "]}, 422, "invalid_tag"),
            ({"add_tags": ["x" * 41]}, 422, "invalid_tag"),
            ({"add_tags": ["x" * 201]}, 422, "too_long"),
            ({"add_tags": [f"t{n}" for n in range(51)]}, 422, "too_long"),
            ({"tags": ["x"]}, 422, "unknown_field"),
            ({"name": "a\0b"}, 422, "unprintable_text"),
        ],
    )
    def test_bad_input_has_its_own_name(
        self, shop: Shop, body: dict[str, Any], status: int, code: str
    ) -> None:
        member = shop.member(name="wang")
        answer = shop.call("PATCH", f"members/{member}", body)
        assert (answer.status, answer.code) == (status, code)
        assert shop.get(f"members/{member}").json["name"] == "wang"
        assert shop.get(f"members/{member}/audit").json["entries"] == []

    def test_a_tag_lists_those_whom_it_counts(self, shop: Shop) -> None:
        here, cold, gone, part = (shop.member(name=name) for name in ("a", "b", "c", "d"))
        for member in (here, cold, gone, part):
            shop.call("PATCH", f"members/{member}", {"add_tags": ["vip"]})
        assert shop.post(f"members/{cold}/freeze", STAFF).status == 200
        assert act(shop, f"members/{gone}/leave", {**WHEN, **STAFF}).status == 201
        assert merged(shop, here, part).status == 201
        listed = [each["id"] for each in shop.get("members?tag=vip").json["members"]]
        assert listed == [here, cold]
        assert shop.get("tags").json == {"tags": [{"tag": "vip", "members": len(listed)}]}

    def test_no_more_than_fifty_tags(self, shop: Shop) -> None:
        member = shop.member()
        path = f"members/{member}"
        assert shop.call("PATCH", path, {"add_tags": [f"t{n}" for n in range(50)]}).status == 200
        one_more = shop.call("PATCH", path, {"add_tags": ["more"]})
        assert (one_more.status, one_more.code) == (422, "too_many_tags")
        swap = shop.call("PATCH", path, {"add_tags": ["more"], "remove_tags": ["t0"]})
        assert len(swap.json["tags"]) == 50


@pytest.mark.parametrize(
    ("method", "path", "right"),
    [
        ("PATCH", "members/{m}", "members.write"),
        ("POST", "members/{m}/freeze", "members.freeze"),
        ("POST", "members/{m}/unfreeze", "members.freeze"),
        ("POST", "members/{m}/leave", "members.end"),
        ("POST", "members/{m}/erase", "members.end"),
        ("POST", "members/{m}/merge", "members.merge"),
        ("POST", "merges/{m}/undo", "members.merge"),
        ("GET", "tags", "members.read"),
        ("PUT", "segments/s", "segments.write"),
        ("GET", "segments/s", "segments.read"),
        ("GET", "segments/s/members", "members.read"),
    ],
)
def test_each_needs_its_right(method: str, path: str, right: str) -> None:
    from jifen.programmes.types import RIGHTS

    shop = Shop()
    key = shop.new_key(rights=RIGHTS - {right})
    answer = shop.call(method, path.format(m=shop.member()), {}, key=key, Idempotency_Key="k")
    assert (answer.status, answer.code, answer.json["right"]) == (403, "forbidden_right", right)


@pytest.mark.parametrize("path", ["leave", "erase", "merge"])
def test_a_key_is_needed(shop: Shop, path: str) -> None:
    body: dict[str, Any] = {**WHEN, **STAFF} if path == "leave" else {**WHEN, "actor": "x"}
    if path == "merge":
        body = {**WHEN, **STAFF, "other": PHONE}
    answer = shop.post(f"members/{shop.member()}/{path}", body)
    assert (answer.status, answer.code) == (400, "missing_idempotency_key")
