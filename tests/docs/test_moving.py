"""From the embedded database to a server, by the steps of ``docs/operations.md``."""

from pathlib import Path

from tests.docs.pages import DOCS, blocks
from tests.docs.shell import Place

from jifen.common import embedded

ORDERS = """\
kind,order,occurred_at,member,product,amount
purchase,A-1,2026-01-01 10:00:00,1,tea,128.90
purchase,A-2,2026-01-02 10:00:00,2,tea,59.80
"""


def test_everything_comes_along(place: Place) -> None:
    orders = place.path / "orders.csv"
    orders.write_text(ORDERS, encoding="utf-8")
    rejects = place.path / "rejects.csv"
    place.output(
        "jifen preset apply e1 --programme moved --opening 2026-01-01\n"
        f"jifen import orders {orders} --programme moved --rejects {rejects}"
    )
    balances = "jifen export balances --programme moved"
    before = place.output(balances)
    assert before.splitlines()[1:] == ["1,points,128,0,0,0,", "2,points,59,0,0,0,"]

    [copy] = (
        block
        for block in blocks(DOCS / "operations.md", "sh")
        if block.heading == "From the embedded database to a server"
    )
    source = f"postgresql://jifen_owner@/jifen?host={place.path / 'home'}/run"
    other = embedded.start(Path(f"{place.path}/other"))
    try:
        target = {"JIFEN_DATABASE_URL": other.owner_url}
        place.output(copy.text, EMBEDDED=source, **target)
        place.output("jifen migrate", **target)
        assert "moved: ok" in place.output("jifen verify", **target)
        assert place.output(balances, **target) == before
    finally:
        other.close()
