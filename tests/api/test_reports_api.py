"""Reports over HTTP: the right, the period, and the same figures as a table."""

import csv
import io

import pytest
from tests.api.shop import NOW, Shop, later

from jifen.common.scope import scope
from jifen.faces.api.open.reports import TABLES
from jifen.insight import services
from jifen.programmes import services as programmes
from jifen.programmes.types import RIGHTS

BY_DAY = ("points", "liability", "sales", "members")


def table(content: bytes) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content.decode("utf-8-sig"))))


def sold(shop: Shop) -> None:
    """An order at the second store is nobody's business at the first, and neither is a top-up."""
    member = shop.member()
    sell_stored_value(shop)
    with scope(shop.programme.id):
        programmes.add_store(code="harbour", name="Harbour", merchant="main")
    assert shop.book(shop.purchase(member, 12_890)).status == 201
    assert shop.book(shop.purchase(member, 5_000, store="harbour")).status == 201
    assert shop.book(shop.purchase(shop.member(), 1_000)).status == 201
    assert shop.book(shop.purchase(None, 3_000)).status == 201
    saver, at = shop.member(), NOW.isoformat()
    paid_in = {"kind": "top_up", "occurred_at": at, "reference": "T1", "paid_minor": 2_000}
    who = {"kind": "id", "value": saver}
    assert shop.book({**paid_in, "member": who}).status == 201
    tea = [{"product": "card", "quantity": 1, "amount_minor": 2_000, "kind": "gift_card"}]
    bought = shop.purchase(saver, lines=tea, stored_minor=2_000)
    assert shop.book(bought).status == 201
    with scope(shop.programme.id):
        while services.refresh(at=later(days=1)):
            pass


def sell_stored_value(shop: Shop) -> None:
    """Let members top up, and pay with it without earning anything."""
    with scope(shop.programme.id):
        for code, kind in (("principal", "stored"), ("bonus", "bonus")):
            programmes.add_unit(code=code, kind=kind, name_zh=code, name_en=code)
    document = shop.get("rule-sets/1").json["document"]
    stored = {"principal": "principal", "bonus": "bonus", "principal_earns": False}
    draft = shop.call("PUT", "rule-sets/drafts/stored", {**document, "stored_value": stored})
    assert draft.status == 200, draft.content
    assert shop.post("rule-sets/drafts/stored/publish").status == 200


@pytest.mark.parametrize("name", sorted(TABLES))
def test_each_report_needs_its_right_and_is_a_table_too(shop: Shop, name: str) -> None:
    sold(shop)
    refused = shop.new_key(rights=RIGHTS - {"reports.read"})
    for path in (f"reports/{name}", f"reports/{name}/csv"):
        assert shop.get(path, key=refused).code == "forbidden_right"
    told = shop.get(f"reports/{name}")
    assert told.status == 200
    answer = shop.get(f"reports/{name}/csv", Accept="text/csv")
    assert answer.status == 200
    assert answer.headers["Content-Type"] == "text/csv"
    assert answer.headers["Content-Disposition"] == f'attachment; filename="{name}.csv"'
    head, *rows = table(answer.content)
    assert tuple(head) == TABLES[name].head
    assert rows
    told_rows = [each for part in told.json.values() if isinstance(part, list) for each in part]
    if name in BY_DAY:
        assert rows == [["" if row[n] is None else str(row[n]) for n in head] for row in told_rows]


@pytest.mark.parametrize("name", sorted(TABLES))
def test_another_programmes_figures_are_in_none(shop: Shop, name: str) -> None:
    quiet = shop.get(f"reports/{name}").json
    sold(Shop())
    assert shop.get(f"reports/{name}").json == quiet


@pytest.mark.parametrize("name", BY_DAY)
def test_thirty_days_until_today_or_those_that_are_named(shop: Shop, name: str) -> None:
    usual = [day["day"] for day in shop.get(f"reports/{name}").json["days"]]
    assert (len(usual), usual[-1]) == (30, "2026-07-01")
    named = shop.get(f"reports/{name}?since=2026-06-01&until=2026-06-03").json["days"]
    assert [day["day"] for day in named] == ["2026-06-01", "2026-06-02"]
    for faulty in (
        "since=2026-06-03&until=2026-06-03",
        "since=2024-01-01&until=2026-01-01",
        "since=0001-01-01&until=0001-01-02",
        "until=0001-01-01",
        "since=9999-12-30&until=9999-12-31",
    ):
        for form in ("", "/csv"):
            answer = shop.get(f"reports/{name}{form}?{faulty}")
            assert (answer.status, answer.code) == (422, "invalid_period")


@pytest.mark.parametrize("name", sorted(set(TABLES) - {"liability", "tiers"}))
def test_a_store_sees_its_own(shop: Shop, name: str) -> None:
    sold(shop)
    whole = shop.get(f"reports/{name}").json
    part = shop.get(f"reports/{name}?store=harbour").json
    assert part != whole
    for form in ("", "/csv"):
        assert shop.get(f"reports/{name}{form}?store=nowhere").code == "unknown_store"


def test_the_figures(shop: Shop) -> None:
    sold(shop)
    assert shop.get("reports/points").json["total"] == {"issued": 188, "burned": 0, "expired": 0}
    assert shop.get("reports/liability").json["days"][-1] == {
        "day": "2026-07-01",
        "outstanding": 188,
        "liability_minor": 188,
    }
    sales = shop.get("reports/sales").json
    assert sales["total_known"]
    assert sales["total"] == {
        "orders": 4,
        "paid_minor": 18_890,
        "refunded_minor": 0,
        "guest_orders": 1,
        "guest_paid_minor": 3_000,
        "guest_refunded_minor": 0,
    }
    members = shop.get("reports/members").json
    assert members["total"] == {"active": 3, "buyers": 3, "repeat_buyers": 1}


@pytest.mark.parametrize(
    ("path", "code"),
    [
        ("reports/nothing/csv", "unknown_report"),
        ("reports/nothing", "no_such_route"),
        ("reports/points?unit=growth", "unknown_unit"),
        ("reports/points/csv?unit=growth", "unknown_unit"),
        ("reports/points/csv?since=yesterday", "invalid_time"),
        ("reports/points/csv?colour=red", "unknown_field"),
        ("reports/liability/csv?store=main", "unknown_field"),
    ],
)
def test_what_is_not_there(shop: Shop, path: str, code: str) -> None:
    assert shop.get(path).code == code


@pytest.mark.parametrize("name", sorted(TABLES))
def test_who_acts_for_one_store_reads_of_that_one_only(shop: Shop, name: str) -> None:
    sold(shop)
    limited = shop.new_key(stores=["harbour"])
    for path in (f"reports/{name}", f"reports/{name}/csv"):
        for elsewhere in ("", "?store=main"):
            code = shop.get(f"{path}{elsewhere}", key=limited).code
            of_all = name == "liability" and elsewhere
            assert code == ("unknown_field" if of_all else "wrong_store"), elsewhere
    if name != "liability":
        assert shop.get(f"reports/{name}?store=harbour", key=limited).status == 200
