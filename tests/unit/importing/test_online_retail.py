"""Where a line of the Online Retail data set ends, and what it becomes."""

import gzip
from datetime import timedelta
from pathlib import Path

import pytest

from jifen.earning.types import Line, Purchase, Refund, RefundLine
from jifen.faces.importing.files import RawLine, UnreadableFile, read_lines
from jifen.faces.importing.online_retail import plan_online_retail
from jifen.faces.importing.plan import Plan

HEADER = "InvoiceNo,StockCode,Description,Quantity,InvoiceDate,UnitPrice,CustomerID,Country"
AT = "2010-12-01 08:26:00"


def line(
    invoice: str = "536365",
    code: str = "22423",
    quantity: str = "6",
    price: str = "2.55",
    customer: str = "17850.0",
    at: str = AT,
) -> str:
    return f"{invoice},{code},CAKESTAND,{quantity},{at},{price},{customer},United Kingdom"


def plan_of(*lines: str | bytes, shift: timedelta = timedelta()) -> Plan:
    rows = [text if isinstance(text, bytes) else text.encode() for text in (HEADER, *lines)]
    numbered = [RawLine(number, row + b"\n") for number, row in enumerate(rows, start=1)]
    return plan_online_retail(lines=numbered, name="file.csv", shift=shift)


def purchases(plan: Plan) -> list[Purchase]:
    return [item.activity for item in plan.items if isinstance(item.activity, Purchase)]


def refunds(plan: Plan) -> list[Refund]:
    return [item.activity for item in plan.items if isinstance(item.activity, Refund)]


@pytest.mark.parametrize(
    ("text", "bucket", "reason"),
    [
        ("536365,22423,CAKESTAND,6", "rejected", "bad_columns"),
        (line() + ",more", "rejected", "bad_columns"),
        (b"536365,22423,CAK\xff,6,2010-12-01 08:26:00,1,1,UK", "rejected", "invalid_utf8"),
        ('536365,"22423,CAKESTAND,6', "rejected", "bad_quotes"),
        (line(invoice="A563185"), "rejected", "bad_invoice_number"),
        (line(invoice="53636"), "rejected", "bad_invoice_number"),
        (line(invoice=""), "rejected", "bad_invoice_number"),
        (line(code=""), "rejected", "bad_stock_code"),
        (line(quantity="1.5"), "rejected", "quantity_not_an_integer"),
        (line(quantity="１"), "rejected", "quantity_not_an_integer"),
        (line(quantity="0"), "rejected", "quantity_zero"),
        (line(price="free"), "rejected", "bad_price"),
        (line(price="1e3"), "rejected", "bad_price"),
        (line(price="NaN"), "rejected", "bad_price"),
        (line(at="2010-02-30 08:26:00"), "rejected", "bad_date"),
        (line(at="12/1/2010 8:26"), "rejected", "bad_date"),
        (line(customer="17850.5"), "rejected", "bad_customer_id"),
        (line(customer="nobody"), "rejected", "bad_customer_id"),
        (line(quantity="999999999", price="999999999"), "rejected", "amount_too_large"),
        (line(quantity="-1"), "rejected", "sign_contradicts_invoice"),
        (line(invoice="C536365"), "rejected", "sign_contradicts_invoice"),
        (line(quantity="0", customer=""), "rejected", "quantity_zero"),
        (line(quantity="-5", customer="", price="0.0"), "no_customer", "stock_correction"),
        (line(code="POST", customer=""), "no_customer", "not_goods"),
        (line(price="0", customer=""), "no_customer", "price_not_positive"),
        (
            line(invoice="C536365", quantity="-1", customer=""),
            "no_customer",
            "credit_note_without_customer",
        ),
        (line(code="POST"), "not_goods", "not_goods"),
        (line(code="m"), "not_goods", "not_goods"),
        (line(code="BANK CHARGES"), "not_goods", "not_goods"),
        (line(code="gift_0001_20"), "not_goods", "not_goods"),
        (line(code="POST", price="0"), "not_goods", "not_goods"),
        (line(price="0.0"), "price_not_positive", "price_not_positive"),
        (line(price="-11062.06"), "price_not_positive", "price_not_positive"),
        (line(invoice="C536365", quantity="-1"), "unmatched_refund", "no_earlier_purchase"),
    ],
)
def test_a_line_that_books_nothing(text: str | bytes, bucket: str, reason: str) -> None:
    plan = plan_of(text)
    assert plan.items == []
    assert [(found.line, found.bucket, found.reason) for found in plan.left_out] == [
        (2, bucket, reason)
    ]
    assert dict(plan.buckets) == {bucket: 1}


def test_an_invoice_is_one_purchase_with_a_line_for_each_line() -> None:
    plan = plan_of(line(), line(), line(code="POST"), line(code="85123A", quantity="2"))
    (purchase,) = purchases(plan)
    assert purchase.key == "invoice:536365"
    assert purchase.reference == "536365"
    assert purchase.store == "online"
    assert purchase.member is not None
    assert (purchase.member.kind, purchase.member.value) == ("external", "17850")
    assert purchase.lines == (
        Line("22423", 6, 1530),
        Line("22423", 6, 1530),
        Line("85123A", 2, 510),
    )
    assert plan.items[0].lines == (2, 3, 5)
    assert dict(plan.buckets) == {"booked": 3, "not_goods": 1}


def test_without_a_customer_what_was_sold_is_kept() -> None:
    plan = plan_of(line(customer=""), line(customer="", code="DOT"))
    (purchase,) = purchases(plan)
    assert purchase.member is None
    assert len(purchase.lines) == 1
    assert dict(plan.buckets) == {"no_customer": 2}
    assert [found.line for found in plan.left_out] == [3]


def test_an_invoice_with_two_customers_is_rejected_whole() -> None:
    plan = plan_of(line(), line(customer="17851.0"), line(customer=""), line(invoice="536366"))
    assert dict(plan.buckets) == {"rejected": 3, "booked": 1}
    assert {found.reason for found in plan.left_out} == {"invoice_with_two_customers"}


@pytest.mark.parametrize(
    ("quantity", "price", "pence"),
    [
        ("6", "2.55", 1530),
        ("1", "0.001", 0),
        ("1", "0.005", 1),
        ("3", "0.0016", 0),
        ("3", "0.0017", 1),
        ("1", "1.115", 112),
        ("10", "1.115", 1115),
        ("1000", "11062.06", 1_106_206_000),
    ],
)
def test_an_amount_is_rounded_half_up_once(quantity: str, price: str, pence: int) -> None:
    (purchase,) = purchases(plan_of(line(quantity=quantity, price=price)))
    assert purchase.lines[0].amount_minor == pence


def test_the_order_of_events_is_earliest_line_then_place_in_the_file() -> None:
    plan = plan_of(
        line(invoice="536370", at="2010-12-01 09:01:00"),
        line(invoice="536369", at="2010-12-01 09:00:00"),
        line(invoice="536368", at="2010-12-01 09:00:00"),
        line(invoice="536370", at="2010-12-01 08:59:00"),
    )
    assert [found.reference for found in purchases(plan)] == ["536370", "536369", "536368"]
    assert purchases(plan)[0].occurred_at.isoformat() == "2010-12-01T08:59:00+00:00"


def test_summer_time_is_london_time() -> None:
    (purchase,) = purchases(plan_of(line(at="2011-07-01 12:00:00")))
    assert purchase.occurred_at.isoformat() == "2011-07-01T12:00:00+01:00"


def test_a_history_can_be_moved_by_whole_days() -> None:
    (purchase,) = purchases(plan_of(line(), shift=timedelta(weeks=800)))
    assert purchase.occurred_at.isoformat() == "2026-04-01T08:26:00+01:00"
    with pytest.raises(ValueError, match="whole days"):
        plan_of(line(), shift=timedelta(hours=1))


def back(quantity: str, *, invoice: str = "C536400", at: str = "2010-12-05 10:00:00") -> str:
    return line(invoice=invoice, quantity=quantity, at=at, price="9.99")


SOLD = (
    line(invoice="536365", quantity="5", at="2010-12-01 08:00:00"),
    line(invoice="536366", quantity="2", at="2010-12-02 08:00:00"),
    line(invoice="536366", quantity="3", at="2010-12-02 08:00:00"),
    line(invoice="536367", quantity="9", at="2010-12-02 09:00:00", customer="1"),
    line(invoice="536368", quantity="9", at="2010-12-02 09:00:00", code="22424"),
    line(invoice="536500", quantity="9", at="2010-12-06 08:00:00"),
)


@pytest.mark.parametrize(
    ("lines", "expected", "unmatched"),
    [
        ([back("-1")], {"536366": [(1, 1)]}, 0),
        ([back("-4")], {"536366": [(0, 1), (1, 3)]}, 0),
        ([back("-1"), back("-1")], {"536366": [(1, 2)]}, 0),
        ([back("-6")], {"536366": [(0, 2), (1, 3)], "536365": [(0, 1)]}, 0),
        ([back("-12")], {"536366": [(0, 2), (1, 3)], "536365": [(0, 5)]}, 2),
    ],
)
def test_a_credit_note_takes_the_latest_purchase_and_its_last_line_first(
    lines: list[str], expected: dict[str, list[tuple[int, int]]], unmatched: int
) -> None:
    plan = plan_of(*SOLD, *lines)
    made = refunds(plan)
    assert {
        refund.of.reference: [(part.line, part.quantity) for part in refund.lines or ()]
        for refund in made
    } == expected
    assert [refund.key for refund in made] == [f"credit:C536400:{order}" for order in expected]
    assert [refund.reference for refund in made] == [f"C536400:{order}" for order in expected]
    assert plan.unmatched_quantity == unmatched
    assert plan.buckets["refunded"] == len(lines)
    assert plan.split == (1 if unmatched else 0)


def test_what_came_back_once_does_not_come_back_again() -> None:
    later = back("-2", invoice="C536401", at="2010-12-05 11:00:00")
    plan = plan_of(*SOLD, back("-9"), later)
    assert [(found.of.reference, found.lines) for found in refunds(plan)] == [
        ("536366", (RefundLine(0, 2), RefundLine(1, 3))),
        ("536365", (RefundLine(0, 4),)),
        ("536365", (RefundLine(0, 1),)),
    ]
    assert (plan.split, plan.unmatched_quantity) == (1, 1)
    (rest,) = plan.left_out
    assert (rest.bucket, rest.reason, rest.quantity) == ("refunded", "rest_without_purchase", -1)


def test_a_refund_in_the_same_minute_goes_by_the_place_in_the_file() -> None:
    sale, note = line(invoice="536402"), line(invoice="C536401", quantity="-6")
    assert len(refunds(plan_of(sale, note))) == 1
    assert refunds(plan_of(note, sale)) == []


def test_a_wrong_header_is_refused() -> None:
    with pytest.raises(UnreadableFile, match="not Online Retail"):
        plan_online_retail(lines=[RawLine(1, b"a,b,c\n")], name="file.csv")
    with pytest.raises(UnreadableFile, match="empty"):
        plan_online_retail(lines=[], name="file.csv")


def test_a_file_is_read_plain_or_packed_whatever_its_name(tmp_path: Path) -> None:
    content = f"\ufeff{HEADER}\r\n{line()}\r\n\r\n{line()}".encode()
    (tmp_path / "plain.gz").write_bytes(content)
    (tmp_path / "packed.csv").write_bytes(gzip.compress(content))
    plans = [
        plan_online_retail(lines=read_lines(tmp_path / name), name=name)
        for name in ("plain.gz", "packed.csv")
    ]
    assert plans[0] == plans[1]
    assert plans[0].lines == 2


def test_a_damaged_file_is_refused_before_anything_is_booked(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.gz"
    damaged.write_bytes(gzip.compress(f"{HEADER}\n{line()}\n".encode())[:-12])
    with pytest.raises(UnreadableFile, match="damaged"):
        list(read_lines(damaged))
    with pytest.raises(UnreadableFile, match="cannot read"):
        list(read_lines(tmp_path / "missing.csv"))


def test_a_line_without_end_is_one_rejected_line(tmp_path: Path) -> None:
    endless = tmp_path / "endless.csv"
    endless.write_bytes(f"{HEADER}\n".encode() + b"x" * 300_000 + f"\n{line()}\n".encode())
    plan = plan_online_retail(lines=read_lines(endless), name="endless.csv")
    assert dict(plan.buckets) == {"rejected": 1, "booked": 1}
    assert plan.left_out[0].reason == "line_too_long"
