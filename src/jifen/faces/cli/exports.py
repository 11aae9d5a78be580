"""``jifen export``: balances, and the tables that the console exports."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, cast

import typer

from jifen.faces.cli.errors import CommandError
from jifen.faces.cli.groups import exporting
from jifen.faces.cli.startup import inside

if TYPE_CHECKING:
    from jifen.faces.exporting.types import ExportKind

Programme = Annotated[str, typer.Option(help="The programme's code.")]
Day = Annotated[datetime | None, typer.Option(formats=["%Y-%m-%d"])]


class Form(StrEnum):
    """What a file may be."""

    csv = "csv"
    xlsx = "xlsx"


def export_balances(
    programme: Programme,
    output: Annotated[
        Path | None, typer.Option("--output", help="A file instead of standard output.")
    ] = None,
) -> None:
    """Write every member's balances as CSV, ordered by member, then unit."""
    from jifen.common import clock
    from jifen.earning.exports import balance_rows
    from jifen.faces.importing.exporting import write_balances

    with inside(programme):
        rows = balance_rows(at=clock.now())
        try:
            if output is None:
                write_balances(rows, into=sys.stdout)
                sys.stdout.flush()
            else:
                with output.open("w", encoding="utf-8", newline="") as file:
                    write_balances(rows, into=file)
        except BrokenPipeError:
            # Nobody reads any more, as in `… | head`: do not try to flush the rest at exit.
            sys.stdout = None
            raise typer.Exit(1) from None
        except OSError as error:
            raise CommandError(f"cannot write the balances: {error.strerror}") from error


def _command(kind: str) -> Callable[..., None]:
    def export(
        programme: Programme,
        output: Annotated[Path, typer.Option(help="The file, which only you may read.")],
        form: Annotated[Form, typer.Option(help="csv or xlsx.")] = Form.csv,
        since: Day = None,
        until: Day = None,
        store: Annotated[str | None, typer.Option(help="Of this store only.")] = None,
        *,
        whole_phones: Annotated[
            bool, typer.Option("--whole-phones", help="Phones and e-mail addresses unmasked.")
        ] = False,
    ) -> None:
        from jifen.common import clock
        from jifen.faces.exporting import working
        from jifen.faces.exporting.types import ExportAsked

        asked = ExportAsked(
            kind=cast("ExportKind", kind),
            form=form.value,
            since=since and since.date(),
            until=until and until.date(),
            store=store,
            whole_phones=whole_phones,
        )
        with inside(programme), _private(output) as file:
            done = working.command(asked, into=file, at=clock.now())
        typer.echo(f"{done:,} rows in {output}")

    export.__doc__ = f"Write {kind} as CSV or XLSX, all as of one instant."
    return export


@contextmanager
def _private(path: Path) -> Iterator[BinaryIO]:
    """A file that only its owner may read, which has its name when it is whole."""
    half = path.with_name(f".{path.name}.half")
    try:
        opened = os.open(half, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        try:
            with os.fdopen(opened, "r+b") as file:
                yield file
            half.rename(path)
        except BaseException:
            half.unlink(missing_ok=True)
            raise
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror}") from error


def register(app: typer.Typer) -> None:  # noqa: ARG001 (every command module has this shape)
    """Add the commands to their group."""
    exporting.command("balances")(export_balances)
    for kind in ("members", "activities", "postings", "lots", "coupons"):
        exporting.command(kind)(_command(kind))
