"""A shop moves in by files: members with what they bring, orders, balances, explanations."""

import csv
import io
import json
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from typer.testing import CliRunner, Result

from jifen.common.clock import set_clock
from jifen.faces.cli import main

AT = datetime(2026, 6, 10, 4, tzinfo=UTC)
MEMBERS = """\
external_id,phone,name,birthday,points,tier
1,13800138001,甲,1990-05-20,100@2026-06-20;50,senior
2,13800138002,乙,,,
,13800138003,丙,,7,
4,12,丁,,,
5,13800138001,戊,,,
6,,己,,1.5,
"""
ORDERS = """\
kind,order,occurred_at,member_kind,member,product,quantity,amount,points_paid,of,line
purchase,A-1,2026-06-01 10:15:00,,1,tea,2,59.80,50,,
purchase,A-1,,,,cup,1,39,,,
purchase,A-2,2026-06-01 10:20:00,phone,13800138009,tea,1,29.90,,,
purchase,A-3,2026-06-01 10:30:00,,,tea,1,29.90,,,
refund,R-1,2026-06-03 09:00:00,,,,1,,,A-1,1
refund,R-2,2026-06-03 09:00:00,,,,1,,,A-9,1
purchase,A-4,2026-05-01 10:20:00,,1,tea,1,1,,,
purchase,A-5,2026-06-02 10:20:00,phone,12,tea,1,1,,,
purchase,A-6,2026-06-02 10:20:00,,2,tea,1,one,,,
"""


@pytest.fixture(scope="module", autouse=True)
def _commands() -> None:
    main.add_commands()


@pytest.fixture
def shop() -> str:
    code = f"shop-{uuid4()}"
    run("preset", "apply", "starter", "--programme", code, "--opening", "2026-05-15")
    return code


def invoke(*arguments: str) -> Result:
    with set_clock(AT):
        return CliRunner().invoke(main.app, list(arguments))


def run(*arguments: str) -> str:
    result = invoke(*arguments)
    assert result.exit_code == 0, result.output
    return result.stdout


def balances(shop: str) -> dict[str, tuple[str, str]]:
    rows = csv.DictReader(io.StringIO(run("export", "balances", "--programme", shop)))
    return {row["member"]: (row["available"], row["tier"]) for row in rows}


def rejects(path: Path) -> list[tuple[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return [(row["line"], row["reason"]) for row in csv.DictReader(file)]


def test_a_shop_moves_in(shop: str, tmp_path: Path) -> None:
    file, bad = tmp_path / "members.csv", tmp_path / "bad.csv"
    file.write_text(MEMBERS, encoding="utf-8")
    command = ("import", "members", str(file), "--programme", shop, "--rejects", str(bad), "--json")
    assert json.loads(run(*command)) == {"lines": 6, "enrolled": 3, "known": 0, "rejected": 3}
    assert rejects(bad) == [
        ("5", "invalid_phone"),
        ("6", "phone_is_in_line_2"),
        ("7", "points_not_a_whole_number"),
    ]
    assert bad.stat().st_mode & 0o077 == 0
    before = balances(shop)
    assert before["1"] == ("150", "senior")
    assert before["2"] == ("0", "")
    assert sorted(available for available, _ in before.values()) == ["0", "150", "7"]
    assert json.loads(run(*command)) == {"lines": 6, "enrolled": 0, "known": 3, "rejected": 3}
    assert balances(shop) == before


def test_expired_points_are_not_exported(shop: str, tmp_path: Path) -> None:
    file = tmp_path / "members.csv"
    file.write_text(MEMBERS, encoding="utf-8")
    run("import", "members", str(file), "--programme", shop)
    command = ["export", "balances", "--programme", shop]
    for at, left in (
        (datetime(2026, 6, 20, 15, 59, 59, tzinfo=UTC), "150"),
        (datetime(2026, 6, 20, 16, tzinfo=UTC), "50"),
    ):
        with set_clock(at):
            text = CliRunner().invoke(main.app, command).stdout
        assert f"1,points,{left},0,0,0,senior" in text.splitlines()


def test_orders_of_our_own_format(shop: str, tmp_path: Path) -> None:
    people, file, bad = (tmp_path / name for name in ("members.csv", "orders.csv", "bad.csv"))
    people.write_text(MEMBERS, encoding="utf-8")
    file.write_text(ORDERS, encoding="utf-8")
    run("import", "members", str(people), "--programme", shop)
    command = ("import", "orders", str(file), "--programme", shop, "--rejects", str(bad), "--json")
    report = json.loads(run(*command))
    assert rejects(bad) == [
        ("7", "unknown_order"),
        ("8", "time_too_early"),
        ("9", "invalid_phone"),
        ("10", "amount_not_a_number"),
    ]
    assert (report["lines"], report["booked"], report["refunded"]) == (9, 3, 1)
    assert (report["no_customer"], report["rejected"]) == (1, 4)
    assert (report["orders"], report["members"], report["new"]) == (3, 2, 4)
    # floor(98.80 − 0.50) = 98, and the unknown phone's 29.
    assert report["points_earned"] == 98 + 29
    # After R-1, 68.90 are kept, and of the 50 points paid 15 come back.
    after = balances(shop)
    assert after["1"][0] == str(150 - 50 + 98 - 30 + 15)
    again = json.loads(run(*command))
    assert (again["new"], again["replayed"]) == (0, 4)
    assert balances(shop) == after
    assert json.loads(run("verify", "--programme", shop, "--json"))["ok"] is True


def test_an_order_is_explained_with_its_refunds(shop: str, tmp_path: Path) -> None:
    file = tmp_path / "orders.csv"
    lines = ORDERS.splitlines(keepends=True)
    file.write_text("".join(lines[:1] + lines[4:6]).replace("A-1", "A-3"), encoding="utf-8")
    run("import", "orders", str(file), "--programme", shop)
    told = run("explain", "--programme", shop, "--reference", "A-3").splitlines()
    assert told[0].startswith("2026-06-01 10:30  purchase A-3  0")
    assert any(line.startswith("2026-06-03 09:00  refund R-1") for line in told)
    chinese = run("explain", "--programme", shop, "--reference", "A-3", "--language", "zh")
    assert "会员" in chinese
    assert invoke("explain", "--programme", shop, "--reference", "A-9").exit_code != 0
    assert invoke("explain", "--programme", shop).exit_code != 0


def test_a_preset_applied_again_changes_nothing(shop: str) -> None:
    again = ("preset", "apply", "starter", "--programme", shop, "--json")
    told = json.loads(run(*again))
    assert told == {"programme": shop, "preset": "starter", "version": 1, "new": False}
    assert invoke("preset", "apply", "online-retail", "--programme", shop).exit_code != 0
    assert invoke("preset", "apply", "nothing", "--programme", shop).exit_code != 0
    assert "[rule_set.ladder]" in run("preset", "show", "starter")
    assert "starter" in run("preset", "list")


def test_an_unwritable_rejects_file_is_told_before_anything_is_booked(
    shop: str, tmp_path: Path
) -> None:
    file = tmp_path / "orders.csv"
    file.write_text(ORDERS, encoding="utf-8")
    command = ("import", "orders", str(file), "--programme", shop, "--rejects", str(tmp_path))
    assert invoke(*command).exit_code != 0
    assert balances(shop) == {}
