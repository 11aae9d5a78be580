"""Exports over HTTP: asked for, made by the worker, watched, called off, downloaded; by whom."""

import csv
import hashlib
import io
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import pytest
from django.db import connections
from openpyxl import load_workbook
from tests.api.shop import NOW, Answer, Shop
from tests.api.test_imports import order as imported
from tests.api.test_imports import upload
from tests.api.test_reach import limited_of
from tests.api.test_staff import OURS, Browser, signed_in

from jifen.common.clock import set_clock
from jifen.common.scope import scope
from jifen.faces.exporting import runs, tables, working
from jifen.faces.exporting.models import Export, ExportPart
from jifen.ledger import selectors as ledger
from jifen.programmes.rules.roles import ROLES
from jifen.programmes.types import RIGHTS

pytestmark = pytest.mark.usefixtures("fresh_keys")

PHONE = "13812342186"
KINDS = ("members", "activities", "postings", "lots", "coupons")
HOLDERS = ("owner", "manager", "finance")
T = TypeVar("T")


def work(shop: Shop) -> None:
    """What the worker does until nothing is left."""
    with scope(shop.programme.id):
        while working.go_on(at=NOW):
            pass


def asked(shop: Shop, kind: str = "members", **body: Any) -> str:
    answer = shop.post("exports", {"kind": kind, **body})
    assert answer.status == 202, answer.content
    assert answer.json["status"] == "waiting"
    return str(answer.json["id"])


def made(shop: Shop, kind: str = "members", **body: Any) -> str:
    export_id = asked(shop, kind, **body)
    work(shop)
    return export_id


def elsewhere(act: Callable[[], T]) -> T:
    """What somebody else does at this moment, on a connection of their own."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        try:
            return thread.submit(copy_context().run, act).result()
        finally:
            thread.submit(connections.close_all).result()


class File:
    """What a download answers."""

    def __init__(self, response: Any) -> None:
        self.status = response.status_code
        self.headers = response.headers
        self.content: bytes = response.getvalue()

    @property
    def rows(self) -> list[dict[str, str]]:
        return list(csv.DictReader(io.StringIO(self.content.decode("utf-8-sig"))))


def download(shop: Shop, export_id: str, key: str | None = None) -> File:
    response = shop.http.get(
        f"/api/v1/exports/{export_id}/file",
        headers={"Authorization": f"Bearer {key or shop.key}"},
    )
    assert response.status_code == 200, response.content
    return File(response)


def opened(browser: Browser, export_id: str) -> File | Answer:
    """A person's download, or why it is none."""
    extra: dict[str, Any] = {**OURS, "REMOTE_ADDR": browser.address}
    response = browser.http.get(f"/api/v1/exports/{export_id}/file", **extra)
    return File(response) if response.status_code == 200 else Answer(response)


def exported(shop: Shop, kind: str = "members", **body: Any) -> list[dict[str, str]]:
    return download(shop, made(shop, kind, **body)).rows


def person(shop: Shop, phone: str = PHONE, **body: Any) -> str:
    identities = [{"kind": "phone", "value": phone}, {"kind": "card", "value": f"C-{phone}"}]
    answer = shop.post(
        "members", {"identities": identities, **body}, Idempotency_Key=uuid.uuid4().hex
    )
    assert answer.status == 201, answer.content
    return str(answer.json["member"]["id"])


class TestFiles:
    """What stands in the files is what the books say."""

    def test_from_the_question_to_the_file(self, shop: Shop) -> None:
        member = person(shop, name="李娜")
        shop.book(shop.purchase(member, 12_890))
        export_id = asked(shop)
        refused = shop.get(f"exports/{export_id}/file")
        assert (refused.status, refused.code) == (409, "export_not_ready")
        work(shop)
        told = shop.get(f"exports/{export_id}").json
        assert (told["status"], told["done"], told["total"]) == ("done", 1, 1)
        file = download(shop, export_id)
        assert file.headers["Content-Type"] == "text/csv"
        name = f"{shop.programme.code}-members-2026-07-01.csv"
        assert file.headers["Content-Disposition"] == f'attachment; filename="{name}"'
        assert file.headers["Content-Length"] == str(len(file.content)) == str(told["size_bytes"])
        assert hashlib.sha256(file.content).hexdigest() == told["sha256"]
        assert file.content.startswith(b"\xef\xbb\xbf")
        [row] = file.rows
        assert (row["member_id"], row["name"], row["card"]) == (member, "李娜", f"C-{PHONE}")
        assert row["available:points"] == "128"
        assert shop.get("exports").json["exports"] == [told]

    def test_tags_and_tier_and_every_identity(self, shop: Shop) -> None:
        member = person(shop, name="=1+1")
        shop.call("PATCH", f"members/{member}", {"add_tags": ["茶友", "vip"]})
        more = [{"kind": "phone", "value": PHONE}, {"kind": "phone", "value": "+447911123456"}]
        shop.post("members", {"identities": more}, Idempotency_Key=uuid.uuid4().hex)
        [row] = exported(shop, whole_phones=True)
        assert row["name"] == "'=1+1"
        assert row["phone"] == PHONE
        assert row["more_identities"] == "phone:00447911123456"
        assert set(row["tags"].split(";")) == {"vip", "茶友"}

    def test_phones_are_masked_unless_somebody_asks(self, shop: Shop) -> None:
        person(shop)
        masked, whole = exported(shop), exported(shop, whole_phones=True)
        assert masked[0]["phone_masked"] == "138****2186"
        assert "phone" not in masked[0]
        assert PHONE not in str(masked).replace(f"C-{PHONE}", "")
        assert whole[0]["phone"] == PHONE

    def test_who_takes_part_and_nobody_else(self, shop: Shop) -> None:
        stays, leaves = person(shop), person(shop, "13900001111")
        body = {"actor": "Li Na", "reason": "asked for it", "occurred_at": NOW.isoformat()}
        key = uuid.uuid4().hex
        assert shop.post(f"members/{leaves}/leave", body, Idempotency_Key=key).status == 201
        assert [row["member_id"] for row in exported(shop)] == [stays]

    def test_a_period_is_of_local_days(self, shop: Shop) -> None:
        member = person(shop)
        for at in ("2026-05-31T15:59:59Z", "2026-05-31T16:00:00Z", "2026-06-01T15:59:59Z"):
            shop.book({**shop.purchase(member, 100), "occurred_at": at})
        days = {"since": "2026-06-01", "until": "2026-06-02"}
        rows = [row for row in exported(shop, "activities", **days) if row["kind"] == "purchase"]
        assert [row["occurred_at"] for row in rows] == [
            "2026-06-01 00:00:00",
            "2026-06-01 23:59:59",
        ]

    def test_orders_with_their_money_and_their_points(self, shop: Shop) -> None:
        member = person(shop)
        order = shop.book(shop.purchase(member, 12_890, reference="R-77")).json["id"]
        back = {"kind": "refund", "occurred_at": NOW.isoformat(), "of": {"reference": "R-77"}}
        shop.book(back)
        bought, returned = exported(shop, "activities")[-2:]
        assert (bought["activity_id"], bought["reference"]) == (order, "R-77")
        assert (bought["paid"], bought["moved:points"]) == ("128.90", "128")
        assert (returned["of_activity_id"], returned["paid"]) == (order, "-128.90")
        assert returned["moved:points"] == "-128"

    def test_the_ledger_adds_up_to_what_members_hold(self, shop: Shop) -> None:
        member = person(shop)
        for minor in (10_000, 5_500, 700):
            shop.book(shop.purchase(member, minor))
        gift = {"kind": "gift", "occurred_at": NOW.isoformat(), "points": 20, "unit": "points"}
        who = {"member": {"kind": "id", "value": member}}
        shop.book({**gift, **who, "reason": "-thanks", "actor": "Li Na"})
        postings = [row for row in exported(shop, "postings") if row["unit"] == "points"]
        lots = [row for row in exported(shop, "lots") if row["unit"] == "points"]
        held = shop.available(member)
        assert sum(int(row["amount"]) for row in postings) == held == 182
        assert sum(int(row["remaining"]) for row in lots) == held
        assert postings[-1]["balance_after"] == str(held)
        assert (postings[-1]["actor"], postings[-1]["reason"]) == ("Li Na", "'-thanks")

    def test_a_workbook_says_the_same(self, shop: Shop) -> None:
        member = person(shop, name="李娜")
        shop.book(shop.purchase(member, 12_890))
        export_id = made(shop, "postings", form="xlsx")
        sheet = load_workbook(io.BytesIO(download(shop, export_id).content)).worksheets[0]
        head, *rows = sheet.iter_rows(values_only=True)
        told = exported(shop, "postings")
        assert list(head) == list(told[0])
        place = list(head).index("amount")
        assert [str(row[place]) for row in rows] == [row["amount"] for row in told]

    @pytest.mark.parametrize("kind", KINDS)
    @pytest.mark.parametrize("form", ["csv", "xlsx"])
    def test_nothing_is_a_file_too(self, shop: Shop, kind: str, form: str) -> None:
        export_id = made(shop, kind, form=form)
        told = shop.get(f"exports/{export_id}").json
        assert (told["status"], told["done"], told["total"]) == ("done", 0, 0)
        assert download(shop, export_id).content

    def test_pages_make_one_file(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tables, "PAGE", 2)
        monkeypatch.setattr(working, "PART", 64)
        people = [person(shop, f"1390000{number:04}") for number in range(7)]
        export_id = made(shop)
        assert [row["member_id"] for row in download(shop, export_id).rows] == people
        with scope(shop.programme.id):
            assert ExportPart.objects.filter(export_id=export_id).count() > 7


class TestRoundTrip:
    """What is exported of members is imported as it is, and everybody has what they had."""

    @pytest.mark.parametrize("form", ["csv", "xlsx"])
    def test_members_come_back_as_they_were(self, form: str) -> None:
        shop = Shop("tiers-in-time")
        lots = [
            {"unit": "points", "points": 100, "expires_at": "2027-01-01T16:00:00Z"},
            {"unit": "points", "points": 50},
            {"unit": "growth", "points": 7},
        ]
        first = person(shop, name="=李 娜", birthday_on="1990-05-20")
        opening = {"kind": "opening", "occurred_at": NOW.isoformat(), "lots": lots}
        booked = shop.book({**opening, "member": {"kind": "id", "value": first}})
        assert booked.status == 201, booked.content
        second = person(shop, "+447911123456", name="Chris, Novak")
        shop.book(shop.purchase(second, 300_000))
        media = runs_media(form)
        content = download(shop, made(shop, form=form, whole_phones=True)).content

        other = Shop("tiers-in-time")
        sent = upload(other, content, media=media)
        assert sent.status == 201, sent.content
        assert {"external_id", "phone", "card", "name", "birthday", "points", "growth", "tier"} <= (
            set(sent.json["run"]["mapping"])
        )
        done = imported(other, sent.json["run"]["id"], "run")
        assert (done["run"]["counts"]["enrolled"], done["reasons"]) == (2, {})
        before, after = (held(each, form) for each in (shop, other))
        assert before == after
        assert before[0]["name"] == "'=李 娜"
        assert before[0]["points"] == "100@2027-01-01;50"
        assert (before[0]["birthday"], before[1]["phone"]) == ("1990-05-20", "00447911123456")

    def test_masked_phones_enrol_nobody(self, shop: Shop) -> None:
        person(shop)
        content = download(shop, made(shop)).content
        sent = upload(Shop(), content)
        assert "phone" not in sent.json["run"]["mapping"]


def runs_media(form: str) -> str:
    from jifen.faces.exporting.writing import TYPES

    return TYPES[form]


def held(shop: Shop, form: str) -> list[dict[str, str]]:
    """What an export says of everybody, but for what a new programme gives anew."""
    own = ("member_id", "enrolled_at")
    rows = exported(shop, whole_phones=True)
    return [{name: text for name, text in row.items() if name not in own} for row in rows]


class TestWorker:
    """A file is whole, or is not there."""

    def test_a_worker_that_dies_leaves_nothing_and_the_next_one_begins_again(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tables, "PAGE", 1)
        for number in range(3):
            person(shop, f"1390000000{number}")
        export_id = asked(shop)

        def dies(*_: Any) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch, scope(shop.programme.id):
            patch.setattr(working, "_keep", dies)
            with pytest.raises(KeyboardInterrupt):
                working.go_on(at=NOW)
            half = shop.get(f"exports/{export_id}").json
            assert (half["status"], half["done"], half["total"]) == ("running", 3, 3)
            assert not ExportPart.objects.filter(export_id=export_id).exists()
            assert not working.go_on(at=NOW), "as long as it may be alive, it has it to itself"
        person(shop, "13900000003")
        with scope(shop.programme.id):
            working.go_on(at=NOW + working.CLAIM * 2)
        told = shop.get(f"exports/{export_id}").json
        assert (told["status"], told["done"]) == ("done", 4)
        assert len(download(shop, export_id).rows) == 4

    def test_a_worker_that_was_thought_dead_writes_nothing_into_the_other_ones_file(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person(shop)
        export_id = asked(shop)
        keep = working._keep

        def late(row: Export, file: Any, now: Any) -> None:
            # Another one has begun meanwhile, and is at it.
            assert working._claimed(NOW + working.CLAIM * 2) is not None
            keep(row, file, now)

        with scope(shop.programme.id):
            with monkeypatch.context() as patch:
                patch.setattr(working, "_keep", late)
                working.go_on(at=NOW)
            assert not ExportPart.objects.filter(export_id=export_id).exists()
            assert Export.objects.get(id=export_id).status == "running"
            working.go_on(at=NOW + working.CLAIM * 4)
            assert ExportPart.objects.filter(export_id=export_id).count() == 1
        assert shop.get(f"exports/{export_id}").json["status"] == "done"

    def test_what_kills_every_worker_is_given_up(self, shop: Shop) -> None:
        export_id = asked(shop)
        with scope(shop.programme.id):
            Export.objects.filter(id=export_id).update(tries=working.MOST_TRIES)
            working.go_on(at=NOW)
        told = shop.get(f"exports/{export_id}").json
        assert (told["status"], told["fault"]) == ("failed", "given_up")

    def test_called_off_before_and_while_it_is_made(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = asked(shop)
        assert shop.post(f"exports/{first}/cancel").json["status"] == "cancelled"
        again = shop.post(f"exports/{first}/cancel")
        assert (again.status, again.code) == (409, "export_over")
        person(shop)
        second = asked(shop)
        whole = tables.table

        def slow(*given: Any, **named: Any) -> tables.Table:
            found = whole(*given, **named)
            # Between the first word of it and the first page.
            assert elsewhere(lambda: shop.post(f"exports/{second}/cancel")).status == 200
            return found

        monkeypatch.setattr(tables, "table", slow)
        work(shop)
        with scope(shop.programme.id):
            assert {row.status for row in Export.objects.all()} == {"cancelled"}
            assert not ExportPart.objects.exists()

    def test_it_is_all_of_one_instant(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tables, "PAGE", 1)
        people = [person(shop, f"1390000000{number}") for number in range(3)]
        balances, seen = ledger.balances_of, iter([True])

        def meanwhile(ids: Any, **named: Any) -> Any:
            if next(seen, False):
                # While the first page is read, everybody buys, and somebody joins.
                for member in people:
                    elsewhere(partial(shop.book, shop.purchase(member, 10_000)))
                elsewhere(lambda: person(shop, "13900000009"))
            return balances(ids, **named)

        monkeypatch.setattr(ledger, "balances_of", meanwhile)
        rows = exported(shop)
        assert [row["member_id"] for row in rows] == people
        assert {row["available:points"] for row in rows} == {"0"}
        assert {row["points"] for row in rows} == {""}

    def test_files_go_after_seven_days_and_the_record_stays(self, shop: Shop) -> None:
        export_id = made(shop)
        with scope(shop.programme.id):
            row = Export.objects.get(id=export_id)
            assert runs.clean(at=row.ended_at + runs.KEPT) == 0
            assert runs.clean(at=row.ended_at + runs.KEPT + timedelta(seconds=1)) == 1
            assert not ExportPart.objects.filter(export_id=export_id).exists()
        refused = shop.get(f"exports/{export_id}/file")
        assert (refused.status, refused.code) == (409, "export_file_removed")
        told = shop.get(f"exports/{export_id}").json
        assert (told["status"], told["kept_until"]) == ("done", None)
        assert told["sha256"]


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


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "members", "since": "2026-01-01"},
        {"kind": "lots", "until": "2026-01-01"},
        {"kind": "postings", "since": "2026-01-02", "until": "2026-01-02"},
        {"kind": "postings", "since": "2026-01-03", "until": "2026-01-02"},
        {"kind": "postings", "since": "0001-01-01"},
        {"kind": "postings", "until": "9999-12-31"},
        {"kind": "postings", "whole_phones": True},
    ],
    ids=str,
)
def test_what_cannot_be_is_refused(shop: Shop, body: dict[str, Any]) -> None:
    refused = shop.post("exports", body)
    assert (refused.status, refused.code) == (422, "invalid_export")
    assert shop.post("exports", {"kind": "cats"}).status == 422
    assert shop.post("exports", {"kind": "members", "store": "moon"}).code == "unknown_store"
    assert shop.get("exports").json["exports"] == []


def test_a_session_that_ended_has_nothing(shop: Shop) -> None:
    owner = signed_in(shop)
    export_id = owner.ask("POST", "exports", {"kind": "members"}).json["id"]
    work(shop)
    with set_clock(NOW + timedelta(hours=13)):
        late = opened(owner, export_id)
    assert isinstance(late, Answer)
    assert late.status == 401
