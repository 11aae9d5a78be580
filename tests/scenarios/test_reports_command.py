"""``jifen reports refresh`` as somebody runs it: what reports read is what the books say."""

import json
from collections.abc import Iterator
from typing import Any

import psycopg
import pytest
from tests.homes import Home, homes

ORDERS = """kind,order,occurred_at,member,product,amount,of
purchase,A-1,2026-06-01 10:00:00,m1,tea,128.90,
purchase,A-2,2026-06-02 10:00:00,m1,tea,50.00,
purchase,A-3,2026-06-02 11:00:00,m2,cup,20.00,
refund,R-1,2026-06-03 10:00:00,,,,A-3
"""
# Rows are summed up once they are older than a quarter of an hour.
_TOMORROW = """
from datetime import timedelta
from jifen.common import clock
with clock.set_clock(clock.now() + timedelta(days=1)):
    from jifen.faces.cli.main import main
    main()
"""
REFRESH = ("reports", "refresh", "--programme", "shop")


@pytest.fixture(scope="module")
def home() -> Iterator[Home]:
    """A shop with three orders of last June, one of which came back."""
    with homes() as folder:
        made = Home(folder / "home")
        with made.running():
            made.run("preset", "apply", "starter", "--programme", "shop", "--opening", "2026-01-01")
            file = folder / "orders.csv"
            file.write_text(ORDERS, encoding="utf-8")
            made.run("import", "orders", str(file), "--programme", "shop")
            yield made


def ask(home: Home, statement: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(home.owner_url) as connection:
        return connection.execute(statement.encode()).fetchall()


def tomorrow(home: Home, *arguments: str) -> str:
    """The command, a day later."""
    process = home.start("-c", _TOMORROW, *REFRESH, *arguments)
    output, errors = process.communicate(timeout=120)
    assert process.returncode == 0, errors
    return output


def sums(home: Home) -> dict[str, int]:
    """What was summed up, by kind of posting."""
    rows = ask(home, "SELECT kind, sum(points)::bigint FROM report_points GROUP BY kind")
    return {kind: int(points) for kind, points in rows}


def booked(home: Home) -> dict[str, int]:
    """The same by plain SQL from the ledger."""
    rows = ask(home, "SELECT kind, sum(amount)::bigint FROM posting WHERE amount <> 0 GROUP BY 1")
    return {kind: abs(int(points)) for kind, points in rows}


def sales(home: Home) -> list[tuple[Any, ...]]:
    return ask(home, "SELECT sum(orders), sum(paid_minor), sum(refunded_minor) FROM report_sales")


def test_it_sums_up_what_is_settled_once_and_counts_members(home: Home) -> None:
    assert home.run(*REFRESH) == "up to date after 1 steps\n"
    assert sums(home) == {}, "what was booked just now is added up by whoever asks"
    [(counted,)] = ask(home, "SELECT sum(members) FROM report_rfm WHERE store = ''")
    assert counted == 1, "one member has an order that is kept"

    assert "up to date after" in tomorrow(home)
    before = {kind: abs(points) for kind, points in sums(home).items()}
    assert before == booked(home) != {}
    assert sales(home) == [(3, 19_890, 2_000)]
    told = json.loads(tomorrow(home, "--json"))
    assert told == {"steps": 1}
    assert {kind: abs(points) for kind, points in sums(home).items()} == before, "nothing twice"


def test_again_forgets_what_was_wrong(home: Home) -> None:
    tomorrow(home)
    right = sums(home)
    with psycopg.connect(home.owner_url) as connection:
        connection.execute("UPDATE report_points SET points = points + 7")
    tomorrow(home)
    assert sums(home) != right, "without --again it adds to what is there"
    tomorrow(home, "--again")
    assert sums(home) == right


def test_a_programme_that_is_none_is_one_line(home: Home) -> None:
    code, output, errors = home.done("reports", "refresh", "--programme", "moon")
    assert (code, output) == (2, "")
    assert errors == "jifen: no programme has the code 'moon'\n"
