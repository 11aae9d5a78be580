"""``migrate``, ``serve``, ``work`` and ``psql``."""

import os
import shutil
import signal
import subprocess
from typing import Annotated, Any

import typer

from jifen.faces.cli.errors import CommandError
from jifen.faces.cli.ports import check_port

Host = Annotated[str, typer.Option(help="The address to listen at.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="The port to listen at.")]
Threads = Annotated[
    int, typer.Option(min=1, max=1024, help="Requests that are answered at the same time.")
]
Workers = Annotated[
    int, typer.Option(min=1, max=64, help="Processes; two unless the machine has many cores.")
]


def migrate() -> None:
    """Bring the database's tables and rights up to date."""
    from jifen.common.database import migrate_database
    from jifen.faces.cli.startup import open_database

    open_database(migrate=False)
    migrate_database()
    print("The database is up to date.")


def serve(
    host: Host = "127.0.0.1", port: Port = 8000, threads: Threads = 64, workers: Workers = 2
) -> None:
    """Serve the HTTP API until Ctrl-C."""
    check_port(host=host, port=port)
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    # Single orders that arrive together at one process are committed together. Two processes
    # keep two cores busy; with more the groups get smaller than what they gain.
    server = Server(
        "jifen.config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=threads,
        backlog=1024,
        workers_kill_timeout=10,
        websockets=False,
        log_level=LogLevels.error,
        log_dictconfig=_log_lines(),
    )
    shown = f"[{host}]" if ":" in host else host
    server.on_startup(lambda: print(f"Serving at http://{shown}:{port}/", flush=True))
    server.serve()


def _log_lines() -> dict[str, Any]:
    """The server's own log in the form of ours, on standard error."""
    line = {"()": "jifen.common.logs.LineFormatter"}
    handler = {"class": "logging.StreamHandler", "formatter": "line"}
    return {"formatters": {"line": line}, "handlers": {"console": handler, "access": handler}}


def work() -> None:
    """Run the jobs of the queue and its schedule until Ctrl-C."""
    from procrastinate.contrib.django import app as queue
    from procrastinate.contrib.django.django_connector import DjangoConnector

    connector = queue.connector
    assert isinstance(connector, DjangoConnector)  # noqa: S101 (it is what Django's app makes)
    with queue.replace_connector(connector.get_worker_connector()) as app:
        print("Working.", flush=True)
        # A file of everything takes minutes; what is due meanwhile has the other turn.
        app.run_worker(install_signal_handlers=True, concurrency=2)


def psql(
    context: typer.Context,
    owner: Annotated[bool, typer.Option(help="Come in as the tables' owner.")] = False,  # noqa: FBT002 (a flag)
) -> None:
    """Open psql on the database; what follows ``--`` is passed on to it."""
    from psycopg.conninfo import make_conninfo

    from jifen.common import database

    address = database.owner_address() if owner else database.app_address()
    # The embedded server is given back when this process ends, so it waits for psql.
    program = str(context.obj.bin_path / "psql") if context.obj else shutil.which("psql")
    if program is None:
        raise CommandError("psql is not installed")
    parameters = address.parameters()
    environment = {**os.environ, "PGPASSWORD": parameters.pop("password", "")}
    if not owner:
        environment["PGOPTIONS"] = f"-c role={database.APP_ROLE}"
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # The password goes by the environment: everybody can read a command line.
    command = [program, make_conninfo(**parameters), *context.args]
    raise SystemExit(subprocess.run(command, check=False, env=environment).returncode)


def register(app: typer.Typer) -> None:
    """Add the commands."""
    app.command()(migrate)
    app.command()(serve)
    app.command()(work)
    app.command(context_settings={"allow_extra_args": True})(psql)
