"""``jifen import members``: everybody a shop brings from its older system."""

import json
from pathlib import Path
from typing import Annotated

import typer

from jifen.faces.cli.groups import importing
from jifen.faces.cli.progress import progress


def import_members(
    file: Annotated[Path, typer.Argument(help="CSV, plain or gzip; see docs/import.md.")],
    programme: Annotated[str, typer.Option(help="The programme's code.")],
    rejects: Annotated[Path | None, typer.Option(help="Where to list the rejected lines.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Enrol members with their points, growth and tier. The same file again changes nothing."""
    import msgspec

    from jifen.common import clock
    from jifen.common.process import settle
    from jifen.common.scope import scope
    from jifen.faces.importing import members
    from jifen.faces.importing.files import count_lines, read_lines
    from jifen.faces.importing.orders import import_caller
    from jifen.faces.importing.people import read_people
    from jifen.faces.importing.report import RejectsFile, rejects_path
    from jifen.programmes import selectors as programmes

    settle()
    at = clock.now()
    with scope(programmes.programme_by_code(programme).id):
        known = members.known_here(at=at)
        lines = count_lines(file)
        people = read_people(lines=read_lines(file), name=file.name, known=known)
        left_out = RejectsFile(rejects_path(source=file, named=rejects, at=at), ("line", "reason"))
        with progress("members", lines) as advance:
            report, bad = members.import_members(
                people=people, caller=import_caller(at=at), at=at, advance=advance
            )
    left_out.write((person.number, person.reason) for person in bad)
    counts: dict[str, int] = msgspec.structs.asdict(report)
    if as_json:
        typer.echo(json.dumps(counts))
    else:
        for name, count in counts.items():
            typer.echo(f"{name:<10}{count:>12,}")
    typer.echo(f"rejected: {len(bad)} lines, listed in {left_out.path}", err=True)


def register(app: typer.Typer) -> None:  # noqa: ARG001 (every command module has this shape)
    """Add the command to its group."""
    importing.command("members")(import_members)
