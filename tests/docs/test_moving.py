"""Backups, restores and the way from the embedded database to a server, as
``docs/operations.md`` says it."""

from pathlib import Path

from tests.docs.pages import DOCS, blocks
from tests.docs.shell import Place

from jifen.common import embedded

ORDERS = """\
kind,order,occurred_at,member,product,amount
purchase,A-1,2026-01-01 10:00:00,1,tea,128.90
purchase,A-2,2026-01-02 10:00:00,2,tea,59.80
"""
BALANCES = "jifen export balances --programme shop"


def commands(heading: str) -> list[str]:
    """The blocks of the shell under a heading of the page, in their order."""
    found = blocks(DOCS / "operations.md", "sh")
    return [block.text for block in found if block.heading == heading]


def shop(place: Place) -> str:
    """A programme with two members' orders; answers their balances."""
    orders = place.path / "orders.csv"
    orders.write_text(ORDERS, encoding="utf-8")
    rejects = place.path / "rejects.csv"
    place.output(
        "jifen preset apply e1 --programme shop --opening 2026-01-01\n"
        f"jifen import orders {orders} --programme shop --rejects {rejects}"
    )
    balances = place.output(BALANCES)
    assert balances.splitlines()[1:] == ["1,points,128,0,0,0,", "2,points,59,0,0,0,"]
    return balances


def test_everything_comes_along(place: Place) -> None:
    before = shop(place)
    [move] = commands("From the embedded database to a server")
    other = embedded.start(Path(f"{place.path}/other"))
    try:
        told = place.output(f"cd {place.path}\n{move}", SERVER=other.owner_url)
        assert "shop: ok" in told
        assert place.output(BALANCES, JIFEN_DATABASE_URL=other.owner_url) == before
    finally:
        other.close()


def test_a_backup_is_tried_and_is_the_shop(place: Place) -> None:
    before = shop(place)
    folder = place.path / "backups"
    folder.mkdir(exist_ok=True)
    [backup] = commands("Backups")
    restore, trial = (text.replace("/backups", str(folder)) for text in commands("Restoring"))
    for _ in range(2):
        place.output(backup.replace("/backups", str(folder)))
    assert "holds programmes" in place.run(restore).stderr
    told = place.output(restore, JIFEN_HOME=str(place.path / "fresh"))
    assert "shop: ok" in told
    told = place.output(trial)
    assert "shop: ok" in told
    assert told.endswith(before)
