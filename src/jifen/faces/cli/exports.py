"""``jifen export balances``."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from jifen.faces.cli.errors import CommandError
from jifen.faces.cli.groups import exporting


def export_balances(
    programme: Annotated[str, typer.Option(help="The programme's code.")],
    output: Annotated[
        Path | None, typer.Option("--output", help="A file instead of standard output.")
    ] = None,
) -> None:
    """Write every member's balances as CSV, ordered by member, then unit."""
    from jifen.common import clock
    from jifen.common.scope import scope
    from jifen.earning.exports import balance_rows
    from jifen.faces.importing.exporting import write_balances
    from jifen.programmes import selectors as programmes

    with scope(programmes.programme_by_code(programme).id):
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


def register(app: typer.Typer) -> None:  # noqa: ARG001 (every command module has this shape)
    """Add the command to its group."""
    exporting.command("balances")(export_balances)
