"""``jifen bench-scale``: whether a shop slows down as it grows."""

from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Part(StrEnum):
    """What can be measured alone."""

    flat = "flat"
    people = "import"
    expiry = "expiry"


def bench_scale(
    members: Annotated[int, typer.Option(min=100, help="Members of the large home.")] = 1_000_000,
    small: Annotated[int, typer.Option(min=100, help="Members of the small one.")] = 10_000,
    postings: Annotated[int, typer.Option(min=1, max=100, help="Postings of each.")] = 10,
    samples: Annotated[int, typer.Option(min=10, help="Samples of each act in a round.")] = 200,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds; figures are medians.")] = 5,
    people: Annotated[int, typer.Option(min=1, help="Members to import.")] = 100_000,
    lots: Annotated[int, typer.Option(min=100, help="Lots that expire.")] = 1_000_000,
    only: Annotated[list[Part] | None, typer.Option(help="Measure only this.")] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write everything to this file too.")
    ] = None,
    *,
    verify: Annotated[
        bool, typer.Option("--verify", help="Verify the large home too; takes minutes.")
    ] = False,
) -> None:
    """Measure an order, a member's lookup, balance and statement at two sizes, and compare.

    In homes of their own in the temporary folder, which are gone afterwards. See docs/speed.md.
    """
    from jifen.faces.bench.scale import report, session

    parts = tuple(part for part in session.PARTS if not only or Part(part) in only)
    options = session.Options(
        small=small,
        large=members,
        postings=postings,
        samples=samples,
        rounds=rounds,
        people=people,
        lots=lots,
        parts=parts,
        verify=verify,
    )
    found = session.measure(options=options, tell=lambda text: typer.echo(text, err=True))
    if json_file:
        json_file.write_bytes(report.as_json(found))
    for line in report.lines(found):
        typer.echo(line)
    if not found.holds():
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command("bench-scale")(bench_scale)
