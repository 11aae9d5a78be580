"""What stands in exported files: what the books say, and no more; and what comes back of them."""

import hashlib
import io
import uuid
from typing import Any

import pytest
from openpyxl import load_workbook
from tests.api.exports import KINDS, PHONE, asked, download, exported, made, person, work
from tests.api.shop import NOW, Shop
from tests.api.test_imports import order as imported
from tests.api.test_imports import upload

from jifen.common.scope import scope
from jifen.faces.exporting import tables, working
from jifen.faces.exporting.models import ExportPart

pytestmark = pytest.mark.usefixtures("fresh_keys")


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
