"""The denominator: what PostgreSQL itself commits here, with no shop around it.

A transaction writes two rows: it inserts one into a journal and updates one of 100,000
balances. 16 clients, prepared statements, two threads of pgbench.
"""

from __future__ import annotations

import re
from typing import Final

from jifen.faces.bench.place import Place
from jifen.faces.cli.errors import CommandError

CLIENTS: Final = 16
BALANCES: Final = 100_000
_SCHEMA: Final = "jifen_bench"
_TABLES: Final = (
    f"DROP SCHEMA IF EXISTS {_SCHEMA} CASCADE",
    f"CREATE SCHEMA {_SCHEMA}",
    f"""CREATE TABLE {_SCHEMA}.journal (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        member integer NOT NULL, amount bigint NOT NULL, booked_at timestamptz NOT NULL)""",
    f"""CREATE TABLE {_SCHEMA}.balance (
        member integer PRIMARY KEY, amount bigint NOT NULL)""",
    f"INSERT INTO {_SCHEMA}.balance SELECT n, 0 FROM generate_series(1, {BALANCES}) AS n",
    f"VACUUM ANALYZE {_SCHEMA}.balance",
)
_SCRIPT: Final = rf"""\set member random(1, {BALANCES})
\set amount random(1, 1000)
BEGIN;
INSERT INTO {_SCHEMA}.journal (member, amount, booked_at) VALUES (:member, :amount, now());
UPDATE {_SCHEMA}.balance SET amount = amount + :amount WHERE member = :member;
COMMIT;
"""
_RATE: Final = re.compile(r"^tps = ([0-9.]+)", re.MULTILINE)


def prepare_tables(place: Place) -> None:
    """Make the two tables and write the script."""
    with place.connect() as connection:
        for statement in _TABLES:
            connection.execute(statement.encode())
    (place.folder / "pgbench.sql").write_text(_SCRIPT, encoding="utf-8")


def drop_tables(place: Place) -> None:
    """Remove the two tables."""
    with place.connect() as connection:
        connection.execute(f"DROP SCHEMA {_SCHEMA} CASCADE".encode())


def transactions_per_second(place: Place, *, seconds: int, durable: bool) -> float:
    """Run it; not ``durable`` commits asynchronously."""
    script = str(place.folder / "pgbench.sql")
    told = place.program(
        "pgbench",
        "--no-vacuum",
        "--protocol=prepared",
        f"--client={CLIENTS}",
        "--jobs=2",
        f"--time={seconds}",
        f"--file={script}",
        durable=durable,
    )
    found = _RATE.search(told)
    if found is None:
        raise CommandError("pgbench told no rate")
    return float(found[1])
