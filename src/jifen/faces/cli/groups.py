"""Groups of commands that several modules add to: ``jifen import …`` and ``jifen export …``."""

import typer

importing = typer.Typer(no_args_is_help=True, help="Bring members or orders in from files.")
exporting = typer.Typer(no_args_is_help=True, help="Write tables of what is in the database.")


def register(app: typer.Typer) -> None:
    """Add the groups."""
    app.add_typer(importing, name="import")
    app.add_typer(exporting, name="export")
