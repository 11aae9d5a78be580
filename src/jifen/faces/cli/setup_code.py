"""``jifen setup-code``: what it takes to set up a new programme in a browser."""

import json
from typing import Annotated

import typer


def setup_code(
    *,
    new: Annotated[bool, typer.Option("--new", help="Make another one; it ends this one.")] = False,
    off: Annotated[bool, typer.Option("--off", help="Have none: nobody sets anything up.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Print the code for setting up a new programme at /console/set-up; made if there is none."""
    from jifen.faces import setup_code as kept

    if off:
        kept.drop()
        typer.echo(json.dumps({"setup_code": None}) if as_json else "set-up code: none")
        return
    code = kept.renew() if new else kept.ensure()
    typer.echo(json.dumps({"setup_code": code}) if as_json else f"set-up code: {code}")


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(name="setup-code")(setup_code)
