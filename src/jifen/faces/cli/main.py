"""The entry point ``jifen``: finds the commands, opens the database, tells errors in one line.

Exit codes: 0 done, 1 a check found something wrong, 2 it could not be done (the reason is one
line on standard error; with ``--json`` one JSON object with ``code`` and ``detail``).
"""

import importlib
import json
import pkgutil
import signal
import sys
from types import FrameType
from typing import Any, Final

import typer

import jifen.faces.cli
from jifen.common.errors import JifenError
from jifen.common.home import HomeError

# These open the database themselves, or need none.
_ON_THEIR_OWN: Final = frozenset(
    {"migrate", "run", "openapi", "bench", "bench-scale", "backup", "restore", "setup-code"}
)

app = typer.Typer(
    name="jifen",
    help="Jifen (积分): an open, self-hosted member-points platform.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


@app.callback()
def prepare(context: typer.Context) -> None:
    """Have the database ready before a command runs, but not for its help."""
    asks_for_help = "--help" in sys.argv
    if asks_for_help or context.invoked_subcommand in _ON_THEIR_OWN:
        return
    from jifen.faces.cli.startup import end_with_parent, open_database

    end_with_parent()
    context.obj = open_database()


def add_commands() -> None:
    """Let each module beside this one add its commands."""
    for found in pkgutil.iter_modules(jifen.faces.cli.__path__):
        if found.name == "main":
            continue
        module = importlib.import_module(f"{jifen.faces.cli.__name__}.{found.name}")
        if hasattr(module, "register"):
            module.register(app)


def tell(error: BaseException) -> None:
    """Print why it could not be done: one line, or one JSON object with ``--json``."""
    code = getattr(error, "code", "unavailable")
    detail = str(getattr(error, "detail", error)).strip() or type(error).__name__
    line = " ".join(detail.split())
    if "--json" in sys.argv:
        told: dict[str, Any] = {"code": code, "detail": line}
        told.update(getattr(error, "fields", {}))
        print(json.dumps(told, ensure_ascii=False, default=str), file=sys.stderr)
    else:
        print(f"jifen: {line}", file=sys.stderr)


def _expected() -> tuple[type[Exception], ...]:
    """The errors that are told in one line; asked for only once something was raised."""
    from jifen.common.database import DatabaseUnavailable

    expected: list[type[Exception]] = [JifenError, HomeError, DatabaseUnavailable]
    if "django.db" in sys.modules:
        from django.db import InterfaceError, OperationalError
        from psycopg_pool import PoolTimeout

        expected += [InterfaceError, OperationalError, PoolTimeout]
    return tuple(expected)


def _terminate(number: int, _frame: FrameType | None) -> None:
    """Leave by the ordinary way, so that the embedded server is given back."""
    raise SystemExit(128 + number)


def main() -> None:
    """Run the command line."""
    signal.signal(signal.SIGTERM, _terminate)
    add_commands()
    try:
        app()
    except _expected() as error:
        tell(error)
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()
