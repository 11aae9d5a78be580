"""Our own orders file: what a row becomes, and what is refused."""

from zoneinfo import ZoneInfo

import pytest

from jifen.earning.types import Line, MemberRef, OrderRef, Purchase, Refund, RefundLine
from jifen.faces.importing.documented import plan_documented
from jifen.faces.importing.files import RawLine, UnreadableFile
from jifen.faces.importing.plan import Plan, key_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
HEADER = (
    "kind,order,occurred_at,member_kind,member,product,category,quantity,amount,discount,of,line"
)
ORDER = (
    "purchase,A-1,2026-06-01 10:15:00,phone,13800138000,tea,drinks,2,59.80,5.00,,",
    "purchase,A-1,,,,cup,kitchen,1,39,,,",
)


def plan_of(*rows: str, header: str = HEADER) -> Plan:
    lines = [RawLine(n, f"{row}\r\n".encode()) for n, row in enumerate((header, *rows), start=1)]
    return plan_documented(lines=lines, name="orders.csv", zone=SHANGHAI, store="main")


def test_an_order_of_two_lines() -> None:
    plan = plan_of(*ORDER)
    (item,) = plan.items
    assert item.lines == (2, 3)
    assert isinstance(item.activity, Purchase)
    assert item.activity.key == "order:main:A-1"
    assert item.activity.reference == "A-1"
    assert item.activity.occurred_at.isoformat() == "2026-06-01T10:15:00+08:00"
    assert item.activity.member == MemberRef("phone", "13800138000")
    assert item.activity.lines == (
        Line("tea", 2, 5980, 500, "drinks"),
        Line("cup", 1, 3900, 0, "kitchen"),
    )
    assert dict(plan.buckets) == {"booked": 2}


def test_refunds_name_their_order_and_count_lines_from_1() -> None:
    plan = plan_of(
        "refund,R-1,2026-06-03 09:00:00,,,,,1,,,A-1,1",
        "refund,R-2,2026-06-03T09:00:00Z,,,,,,,,A-1,",
        *ORDER,
    )
    order, first, whole = (item.activity for item in plan.items)
    assert isinstance(order, Purchase)
    assert isinstance(first, Refund)
    assert isinstance(whole, Refund)
    assert (first.of, first.reference) == (OrderRef("A-1", "main"), "R-1")
    assert first.lines == (RefundLine(0, 1),)
    assert whole.lines is None
    assert dict(plan.buckets) == {"booked": 2, "refunded": 2}


def test_an_order_without_a_member_is_kept() -> None:
    plan = plan_of("purchase,A-2,2026-06-01 10:20:00,,,tea,,1,29.90,,,")
    assert dict(plan.buckets) == {"no_customer": 1}
    assert len(plan.items) == 1


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("purchase,A-1,2026-06-01 10:15:00", "bad_columns"),
        ("sale,A-1,2026-06-01 10:15:00,,,tea,,1,1,,,", "unknown_kind"),
        ("purchase,,2026-06-01 10:15:00,,,tea,,1,1,,,", "order_missing"),
        ("purchase,A-1,,,,tea,,1,1,,,", "occurred_at_not_a_time"),
        ("purchase,A-1,2026-06-31 10:15:00,,,tea,,1,1,,,", "occurred_at_not_a_time"),
        ("purchase,A-1,0001-01-01 00:00:00,,,tea,,1,1,,,", "occurred_at_not_a_time"),
        ("purchase,A-1,2026-06-01 10:15:00,,,tea,,1.5,1,,,", "quantity_not_a_whole_number"),
        ("purchase,A-1,2026-06-01 10:15:00,,,tea,,1,1.234,,,", "amount_has_too_many_decimals"),
        ("purchase,A-1,2026-06-01 10:15:00,,,tea,,1,-1,,,", "amount_not_a_number"),
        ("purchase,A-1,2026-06-01 10:15:00,,,tea,,1,NaN,,,", "amount_not_a_number"),
        ("purchase,A-1,2026-06-01 10:15:00,,,tea,,1,1,2,,", "discount_exceeds_amount"),
        ("refund,R-1,2026-06-01 10:15:00,,,,,1,,,,1", "of_missing"),
        ("refund,R-1,2026-06-01 10:15:00,,,,,1,,,A-1,0", "line_counts_from_1"),
        ("refund,R-1,2026-06-01 10:15:00,,,,,,,,A-1,1", "quantity_not_a_whole_number"),
    ],
)
def test_a_bad_row(row: str, reason: str) -> None:
    plan = plan_of(row)
    assert plan.items == []
    assert [(entry.line, entry.bucket, entry.reason) for entry in plan.left_out] == [
        (2, "rejected", reason)
    ]


@pytest.mark.parametrize(
    "row",
    [
        "purchase,A-1,2026-06-01 10:15:00,,,,,1,1,,,",
        "purchase,A-1,2026-06-01 10:15:00,,,tea,,0,1,,,",
        "purchase,A-1,2026-06-01 10:15:00,,,tea,,1,99999999999,,,",
        "purchase,A-1,2026-06-01 10:15:00,mail,a@b,tea,,1,1,,,",
    ],
)
def test_a_row_is_held_to_the_bounds_of_the_api(row: str) -> None:
    (entry,) = plan_of(row).left_out
    assert entry.reason.startswith("invalid: ")


def test_one_bad_row_rejects_its_whole_order_and_no_other() -> None:
    plan = plan_of(
        *ORDER,
        "purchase,A-1,2026-06-01 10:16:00,,,tea,,1,1,,,",
        "purchase,A-2,2026-06-01 10:20:00,,,tea,,1,29.90,,,",
    )
    assert [(entry.line, entry.reason) for entry in plan.left_out] == [
        (2, "another_row_of_the_order_is_bad"),
        (3, "another_row_of_the_order_is_bad"),
        (4, "occurred_at_differs_within_the_order"),
    ]
    assert [item.lines for item in plan.items] == [(5,)]


@pytest.mark.parametrize("header", ["order,occurred_at", "kind,order,occurred_at,colour", ""])
def test_a_header_must_name_known_columns(header: str) -> None:
    with pytest.raises(UnreadableFile):
        plan_of(header=header)


def test_a_long_key_becomes_a_digest() -> None:
    assert key_of("order", "main", "A-1") == "order:main:A-1"
    assert len(key_of("order", "main", "A" * 200)) < 200
    assert key_of("order", "main", "A" * 200) != key_of("order", "main", "A" * 201)
