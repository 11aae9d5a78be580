"""``jifen reports``: bring what reports read up to date."""

import json
from typing import Annotated

import typer

from jifen.faces.cli.startup import inside

app = typer.Typer(no_args_is_help=True, help="Reports: bring what they read up to date.")


@app.command()
def refresh(
    programme: Annotated[str, typer.Option(help="The programme's code.")],
    *,
    again: Annotated[
        bool, typer.Option("--again", help="Forget what was summed up and begin anew.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Sum up what is settled, and count members if a local day is over; the worker does it every
    ten minutes."""
    from jifen.common import clock
    from jifen.insight import services

    steps = 1
    with inside(programme):
        if again:
            services.start_again()
        while services.refresh(at=clock.now()):
            steps += 1
    typer.echo(json.dumps({"steps": steps}) if as_json else f"up to date after {steps:,} steps")


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="reports")
