"""``jifen bench``: our speed beside PostgreSQL's own."""

import os
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer


class Figure(StrEnum):
    """What can be measured alone."""

    batch = "batch"
    http_batch = "http_batch"
    http_single = "http_single"


def bench(
    context: typer.Context,
    seconds: Annotated[int, typer.Option(min=1, help="How long each run takes.")] = 10,
    rounds: Annotated[int, typer.Option(min=1, help="Rounds; figures are their medians.")] = 3,
    members: Annotated[int, typer.Option(min=1, max=1_000_000, help="Members.")] = 100_000,
    only: Annotated[list[Figure] | None, typer.Option(help="Measure only this.")] = None,
    json_file: Annotated[
        Path | None, typer.Option("--json", help="Write everything to this file too.")
    ] = None,
) -> None:
    """Measure how many orders a second are booked, by what pgbench commits on the same server.

    In a fresh database of its own that is gone afterwards, or an empty one that
    JIFEN_DATABASE_URL names. See docs/speed.md.
    """
    from jifen.common.database import URL_SETTING
    from jifen.faces.bench import report, session

    # Where the embedded database of the home was opened for us, it is not the one to fill.
    url = None if context.obj else os.environ.get(URL_SETTING)
    figures = tuple(figure for figure in session.FIGURES if not only or figure in only)
    options = session.Options(
        seconds=seconds, rounds=rounds, members=members, figures=figures, url=url
    )
    found = session.measure(options=options, tell=lambda text: typer.echo(text, err=True))
    if json_file:
        json_file.write_bytes(report.as_json(found))
    for line in report.lines(found):
        typer.echo(line)
    if not found.verified:
        raise typer.Exit(1)


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(bench)
