"""Who may ask for an export, who may have its file, and what is on record of it."""

from datetime import timedelta

import pytest
from tests.api.elsewhere import limited_of
from tests.api.exports import KINDS, PHONE, File, download, made, opened, person, work
from tests.api.shop import NOW, Answer, Shop
from tests.api.test_staff import signed_in

from jifen.common.clock import set_clock
from jifen.common.scope import scope
from jifen.faces.exporting.models import Export
from jifen.programmes.rules.roles import ROLES
from jifen.programmes.types import RIGHTS

pytestmark = pytest.mark.usefixtures("fresh_keys")

HOLDERS = ("owner", "manager", "finance")


class TestWhoMayHaveIt:
    """Nobody has a file of what they may not read, whoever asked for it."""

    @pytest.mark.parametrize("role", ROLES)
    def test_the_right_is_that_of_those_who_answer_for_it(self, shop: Shop, role: str) -> None:
        answer = signed_in(shop, role).ask("POST", "exports", {"kind": "postings"})
        assert (answer.status == 202) == (role in HOLDERS), answer.content

    @pytest.mark.parametrize(
        ("kind", "right"),
        [
            ("members", "members.read"),
            ("members", "balances.read"),
            ("activities", "activities.read"),
            ("postings", "balances.read"),
            ("lots", "balances.read"),
            ("coupons", "balances.read"),
        ],
    )
    def test_the_right_to_read_it_is_needed_too(self, shop: Shop, kind: str, right: str) -> None:
        export_id = made(shop, kind)
        key = shop.new_key(rights=RIGHTS - {right})
        refused = shop.post("exports", {"kind": kind}, key=key)
        assert (refused.status, refused.json["right"]) == (403, right)
        for path in (f"exports/{export_id}", f"exports/{export_id}/file"):
            assert shop.get(path, key=key).code == "unknown_export"
        assert shop.post(f"exports/{export_id}/cancel", key=key).code == "unknown_export"
        assert shop.get("exports", key=key).json["exports"] == []

    def test_whole_phones_need_their_right_to_ask_and_to_have(self, shop: Shop) -> None:
        person(shop)
        finance, owner = signed_in(shop, "finance"), signed_in(shop)
        body = {"kind": "members", "whole_phones": True}
        refused = finance.ask("POST", "exports", body)
        assert (refused.code, refused.json["right"]) == ("forbidden_right", "members.phone")
        export_id = owner.ask("POST", "exports", body).json["id"]
        work(shop)
        assert PHONE.encode() in opened(owner, export_id).content
        hidden = opened(finance, export_id)
        assert isinstance(hidden, Answer)
        assert hidden.code == "unknown_export"
        assert finance.ask("GET", "exports").json["exports"] == []

    def test_another_programme_has_nothing_of_it(self, shop: Shop) -> None:
        export_id, other = made(shop), Shop()
        for path in (f"exports/{export_id}", f"exports/{export_id}/file"):
            assert other.get(path).code == "unknown_export"
        assert other.get("exports").json["exports"] == []

    def test_who_works_in_some_stores_has_what_is_of_these(self, shop: Shop) -> None:
        main = limited_of(shop, "manager", "main")
        north, both = (limited_of(shop, "manager", *s) for s in (("north",), ("main", "north")))
        there = person(shop, "13900000001", store="north")
        person(shop, "13900000002", store="main")
        shop.book(shop.purchase(there, 700, store="north", reference="N-1"))
        shop.book(shop.purchase(there, 900, store="main", reference="M-1"))
        seen: dict[str, list[dict[str, str]]] = {}
        for kind in KINDS:
            export_id = north.ask("POST", "exports", {"kind": kind}).json["id"]
            work(shop)
            found = opened(north, export_id)
            assert isinstance(found, File)
            seen[kind] = found.rows
            # An export of the north is for who works there, or everywhere.
            assert isinstance(opened(both, export_id), File)
            assert isinstance(opened(signed_in(shop), export_id), File)
            hidden = opened(main, export_id)
            assert isinstance(hidden, Answer)
            assert hidden.code == "unknown_export"
        assert [row["member_id"] for row in seen["members"]] == [there]
        assert {row["store"] for kind in KINDS for row in seen[kind]} == {"north"}
        assert "N-1" in {row["reference"] for row in seen["activities"]}
        assert {row["store"] for row in seen["postings"]} == {"north"}
        assert seen["lots"]

    def test_of_other_stores_nothing_is_had_or_asked_for(self, shop: Shop) -> None:
        main = limited_of(shop, "manager", "main")
        limited_of(shop, "manager", "north")
        owner = signed_in(shop)
        everywhere, there = (
            owner.ask("POST", "exports", {"kind": "members", **store}).json["id"]
            for store in ({}, {"store": "north"})
        )
        work(shop)
        for export_id in (everywhere, there):
            hidden = opened(main, export_id)
            assert isinstance(hidden, Answer)
            assert hidden.code == "unknown_export"
        assert main.ask("GET", "exports").json["exports"] == []
        refused = main.ask("POST", "exports", {"kind": "members", "store": "north"})
        assert (refused.status, refused.code) == (422, "wrong_store")
        assert main.ask("POST", "exports", {"kind": "members"}).json["stores"] == ["main"]


class TestOnRecord:
    """Whoever takes tables away is on record, a machine too."""

    def test_each_ask_and_each_download_of_a_person(self, shop: Shop) -> None:
        owner = signed_in(shop)
        body = {"kind": "members", "whole_phones": True, "store": "main"}
        export_id = owner.ask("POST", "exports", body).json["id"]
        work(shop)
        for _ in range(2):
            assert isinstance(opened(owner, export_id), File)
        second, first, ask, *_ = owner.ask("GET", "staff/acts").json["acts"]
        assert ask["operation"] == "POST /api/v1/exports"
        assert ask["after"] == {**body, "form": "csv"}
        for act in (first, second):
            assert act["operation"] == "GET /api/v1/exports/<uuid:export_id>/file"
            assert (act["subject"], act["status"]) == ({"export_id": export_id}, 200)
            assert act["after"]["kind"] == "members"
        told = owner.ask("GET", f"exports/{export_id}").json
        login = owner.ask("GET", "session").json["login"]
        assert (told["asked_by"], told["whole_phones"]) == (login, True)

    def test_those_of_a_machine(self, shop: Shop) -> None:
        export_id = made(shop)
        download(shop, export_id)
        acts = signed_in(shop).ask("GET", "staff/acts").json["acts"]
        told = [act["operation"] for act in acts if "exports" in act["operation"]]
        assert told == [
            "GET /api/v1/exports/<uuid:export_id>/file",
            "POST /api/v1/exports",
        ]

    def test_what_was_refused(self, shop: Shop) -> None:
        export_id = made(shop)
        clerk = signed_in(shop, "finance")
        with scope(shop.programme.id):
            Export.objects.filter(id=export_id).update(needs=["members.phone"])
        assert isinstance(opened(clerk, export_id), Answer)
        [act, *_] = signed_in(shop).ask("GET", "staff/acts?operation=").json["acts"][1:]
        assert act["code"] == "unknown_export"


def test_a_session_that_ended_has_nothing(shop: Shop) -> None:
    owner = signed_in(shop)
    export_id = owner.ask("POST", "exports", {"kind": "members"}).json["id"]
    work(shop)
    with set_clock(NOW + timedelta(hours=13)):
        late = opened(owner, export_id)
    assert isinstance(late, Answer)
    assert late.status == 401
