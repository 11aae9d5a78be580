"""Columns of a shop's own file: proposed by their headers, checked, written as ours."""

from typing import Any

import pytest

from jifen.faces.importing import mapping as mappings
from jifen.faces.importing.files import BadLineError, RawLine, cells
from jifen.faces.importing.mapping import Chosen
from jifen.faces.importing.types import InvalidMapping


@pytest.mark.parametrize(
    ("kind", "columns", "proposed", "fixed"),
    [
        (
            "members",
            ["会员编号", "姓名", "手机号码", "生日", "可用积分", "会员等级", "备注"],
            {
                "external_id": "会员编号",
                "phone": "手机号码",
                "name": "姓名",
                "birthday": "生日",
                "points": "可用积分",
                "tier": "会员等级",
            },
            {},
        ),
        (
            "members",
            ["Customer ID", "E-Mail", "Mobile_Phone", "Full Name", "Points"],
            {
                "external_id": "Customer ID",
                "email": "E-Mail",
                "phone": "Mobile_Phone",
                "name": "Full Name",
                "points": "Points",
            },
            {},
        ),
        (
            "orders",
            ["小票号", "交易时间", "手机号", "商品编码", "数量", "金额（元）", "优惠"],
            {
                "order": "小票号",
                "occurred_at": "交易时间",
                "member": "手机号",
                "product": "商品编码",
                "quantity": "数量",
                "amount": "金额（元）",
                "discount": "优惠",
            },
            {"member_kind": "phone"},
        ),
        (
            "orders",
            ["Order No.", "Order Date", "Card Number", "SKU", "Qty", "Line Total"],
            {
                "order": "Order No.",
                "occurred_at": "Order Date",
                "member": "Card Number",
                "product": "SKU",
                "quantity": "Qty",
                "amount": "Line Total",
            },
            {"member_kind": "card"},
        ),
        ("orders", ["a", "b"], {}, {}),
    ],
    ids=["members zh", "members en", "orders zh", "orders en", "nothing"],
)
def test_headers_speak_for_columns(
    kind: Any, columns: list[str], proposed: dict[str, str], fixed: dict[str, str]
) -> None:
    assert mappings.proposal(kind, columns) == (proposed, fixed)


@pytest.mark.parametrize("kind", ["members", "orders", "online_retail"])
def test_our_own_columns_are_themselves(kind: Any) -> None:
    names = [target.name for target in mappings.targets(kind, points=("points", "beans"))]
    assert mappings.proposal(kind, names, points=("points", "beans"))[0] == {n: n for n in names}
    mappings.check(kind, Chosen({n: n for n in names}), names, points=("points", "beans"))


def test_columns_of_a_file_have_names_of_their_own() -> None:
    assert mappings.column_names(["a", "", "a", " b "]) == ("a", "#2", "a #3", "b")
    with pytest.raises(BadLineError):
        mappings.column_names(["a"] * 201)


@pytest.mark.parametrize(
    ("kind", "columns", "fixed", "field"),
    [
        ("orders", {"order": "a"}, {}, "missing"),
        ("orders", {"order": "a", "occurred_at": "a"}, {}, "twice"),
        ("orders", {"order": "a", "occurred_at": "z"}, {}, "not_in_file"),
        ("orders", {"order": "a", "occurred_at": "b", "phone": "c"}, {}, "unknown"),
        ("orders", {"order": "a", "occurred_at": "b"}, {"member_kind": "openid"}, "fixed"),
        ("orders", {"order": "a", "occurred_at": "b"}, {"store": "moon"}, "fixed"),
        ("orders", {"order": "a", "occurred_at": "b", "store": "c"}, {"store": "main"}, "fixed"),
        ("members", {"name": "a"}, {}, "missing"),
        ("members", {"phone": "a", "points:beans": "b"}, {}, "unknown"),
        ("online_retail", {"InvoiceNo": "a"}, {}, "missing"),
    ],
)
def test_a_mapping_that_does_not_fit_is_refused(
    kind: Any, columns: dict[str, str], fixed: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidMapping) as refused:
        mappings.check(kind, Chosen(columns, fixed), ["a", "b", "c"], stores=["main"])
    assert field in refused.value.fields


def written(lines: list[bytes], chosen: Chosen, columns: list[str]) -> list[tuple[int, list[str]]]:
    raw = [RawLine(number, line) for number, line in enumerate(lines, start=2)]
    return [(line.number, cells(line.content)) for line in mappings.mapped(raw, chosen, columns)]


def test_lines_are_written_in_our_columns_with_their_own_numbers() -> None:
    chosen = Chosen(
        {"order": "单号", "occurred_at": "时间", "amount": "金额", "store": "门店"},
        {"member_kind": "phone"},
        {"store": {"南京路店": "main"}},
    )
    lines = [
        'A1,2026/6/1 9:05,"¥1,234.50",南京路店'.encode(),
        b",,,",
        b"A2,2026-06-02,59.8,other",
        b'"=""A3""",2026.6.3 10:00:01,1,',
    ]
    assert written(lines, chosen, ["单号", "时间", "金额", "门店"]) == [
        (1, ["order", "occurred_at", "amount", "store", "member_kind", "kind"]),
        (2, ["A1", "2026-06-01 09:05:00", "1234.50", "main", "phone", ""]),
        (4, ["A2", "2026-06-02 00:00:00", "59.8", "other", "phone", ""]),
        (5, ["A3", "2026-06-03 10:00:01", "1", "", "phone", ""]),
    ]


def test_a_line_that_cannot_be_read_says_so_itself() -> None:
    chosen = Chosen({"phone": "a"})
    raw = [
        RawLine(2, b"\xff,x"),
        RawLine(3, None),
        RawLine(4, b"1,2,3"),
        RawLine(5, b"1"),
    ]
    _, bad, long, wide, short = mappings.mapped(raw, chosen, ["a", "b"])
    for line, reason in ((bad, "invalid_utf8"), (long, "line_too_long")):
        with pytest.raises(BadLineError, match=reason):
            cells(line.content)
    assert len(cells(wide.content)) == 2, "more than one, so it is refused"
    assert cells(short.content) == ["1"]


@pytest.mark.parametrize(
    ("columns", "name", "kept"),
    [
        ({"order": "a", "occurred_at": "b"}, "order", ""),
        ({"external_id": "a"}, "external_id", "\x07"),
        ({"order": "b", "occurred_at": "c", "member": "a"}, "member_kind", "number_was_shortened"),
        ({"phone": "a"}, "phone", "1.38E+10"),
    ],
)
def test_a_number_that_excel_shortened_is_nobodys(
    columns: dict[str, str], name: str, kept: str
) -> None:
    header, line = written([b"1.38E+10,1,1"], Chosen(columns), ["a", "b", "c"])
    assert dict(zip(header[1], line[1], strict=True))[name] == kept
