"""``jifen backup`` and ``jifen restore``."""

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jifen.faces.cli.progress import progress

if TYPE_CHECKING:
    from jifen.faces.backup.archive import Manifest

AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]


def backup(
    file: Annotated[Path, typer.Argument(help="Where to write it, such as jifen.backup.")],
    *,
    replace: Annotated[
        bool, typer.Option("--replace", help="Take the place of a file of this name.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write everything in the database to one file, while Jifen runs. Nobody has to wait."""
    from contextlib import ExitStack

    from jifen.common import clock, database
    from jifen.faces.backup import dumping
    from jifen.faces.cli.startup import open_database

    open_database(migrate=False)
    with ExitStack() as bar:
        manifest = dumping.back_up(
            file=file,
            address=database.owner_address(),
            at=clock.now(),
            replace=replace,
            begin=lambda rows: bar.enter_context(progress("rows", rows)),
        )
    if as_json:
        typer.echo(json.dumps({"file": str(file), **_told(manifest)}))
    else:
        typer.echo(f"{file}: {_line(manifest)}")


def restore(
    file: Annotated[Path, typer.Argument(help="What `jifen backup` wrote.")],
    *,
    as_json: AsJson = False,
) -> None:
    """Fill an empty database from a backup, migrate it if the backup is older, and verify it.

    Exit code 1 if the restored books do not hold.
    """
    from jifen.common import database
    from jifen.faces.backup import archive, restoring
    from jifen.faces.cli.startup import open_database
    from jifen.faces.cli.verify import line_of, told_of, verdicts_of

    with progress("checking", file.stat().st_size if file.is_file() else 0) as advance:
        found = archive.read(file, advance=advance)
    server = open_database(migrate=False)
    address = database.owner_address()
    place = address.shown() if server is None else f"the embedded database in {server.home}"
    restoring.check_fit(backup=found, address=address, place=place)
    with progress("restoring", found.manifest.bytes) as advance:
        restoring.restore(
            backup=found, address=address, embedded=server is not None, advance=advance
        )
    database.migrate_database() if server is None else database.migrate_embedded()
    restoring.analyze(address)
    migrated = sorted(restoring.migrations_of(address) - set(found.manifest.migrations))
    verdicts = verdicts_of(None)
    if as_json:
        verified = told_of(verdicts, one=False)
        told = {"file": str(file), **_told(found.manifest), "migrated": migrated}
        typer.echo(json.dumps({**told, "verify": verified}))
    else:
        typer.echo(f"{file}: {_line(found.manifest)}")
        for name in migrated:
            typer.echo(f"migrated: {name}")
        for code, verdict in verdicts.items():
            typer.echo(line_of(code, verdict))
    if not all(verdict.ok for verdict in verdicts.values()):
        raise typer.Exit(1)


def _told(manifest: "Manifest") -> dict[str, Any]:
    import msgspec

    plain: dict[str, Any] = msgspec.to_builtins(manifest)
    del plain["migrations"]
    return plain


def _line(manifest: "Manifest") -> str:
    """What is in it, in one line."""
    counts = manifest.counts
    held = ", ".join(
        f"{counts.get(table, 0):,} {word}"
        for table, word in (
            ("programme", "programmes"),
            ("member", "members"),
            ("activity", "activities"),
            ("posting", "postings"),
        )
    )
    size = f"{manifest.bytes / 1024 / 1024:,.1f} MiB"
    return f"{held} ({size}), as of {manifest.at:%Y-%m-%d %H:%M:%S} UTC, Jifen {manifest.jifen}"


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(backup)
    app.command()(restore)
