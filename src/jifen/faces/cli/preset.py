"""``jifen preset``: ready programmes."""

import json
from datetime import date, datetime
from importlib.resources import files
from typing import Annotated

import typer

preset = typer.Typer(no_args_is_help=True, help="Ready programmes: look at them, apply one.")
Name = Annotated[str, typer.Argument(help="The preset's name; see `jifen preset list`.")]


@preset.command("list")
def list_presets() -> None:
    """Name every preset."""
    from jifen.earning import presets

    for name in presets.names():
        typer.echo(f"{name:<16}{presets.load(name).programme.name}")


@preset.command()
def show(name: Name) -> None:
    """Print a preset as it is written."""
    from jifen.earning import presets

    presets.load(name)
    source = files("jifen.earning") / "presets" / f"{name}.toml"
    typer.echo(source.read_text(encoding="utf-8"), nl=False)


@preset.command()
def apply(
    name: Name,
    programme: Annotated[str, typer.Option(help="The programme's code; made if it is new.")],
    opening: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help="The day a new programme opens: nothing older can be booked.",
        ),
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Make a programme with the preset's stores, units and rules. Again, it changes nothing."""
    from jifen.common import clock
    from jifen.faces.presets import apply_preset

    opening_on: date | None = opening.date() if opening else None
    applied = apply_preset(name=name, code=programme, at=clock.now(), opening_on=opening_on)
    if as_json:
        told = {"programme": programme, "preset": name, "version": applied.version}
        typer.echo(json.dumps({**told, "new": applied.is_new}))
        return
    word = "made" if applied.is_new else "is there"
    typer.echo(f"programme {programme} {word}; rule set version {applied.version} is in force")


def register(app: typer.Typer) -> None:
    """Add the group."""
    app.add_typer(preset, name="preset")
