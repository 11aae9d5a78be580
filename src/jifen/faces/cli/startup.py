"""From a bare process to one with a database and Django: what every command needs first."""

import atexit
import os
import signal
import threading
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final

from jifen.common import database
from jifen.common.embedded import Server, start
from jifen.common.home import default_home, secret_key

SETTINGS: Final = "jifen.config.settings"
# Set for the server and the worker that ``jifen run`` starts.
PART: Final = "JIFEN_PART_OF_RUN"


def open_database(*, migrate: bool = True) -> Server | None:
    """Choose the database, have it ready, and set Django up on it.

    With ``JIFEN_DATABASE_URL`` that server, which must have been migrated by ``jifen migrate``
    (``migrate`` does not look); else the embedded one, started and migrated as needed, and
    returned. Raises HomeError or DatabaseUnavailable.
    """
    home = default_home()
    if os.environ.get(database.URL_SETTING):
        _keep_secret_key(home)
        if migrate:
            database.check_database()
        _set_up_django()
        return None
    server = start(home)
    os.environ[database.URL_SETTING] = server.app_url
    os.environ[database.OWNER_SETTING] = server.owner_url
    _keep_secret_key(home)
    _set_up_django()
    if migrate:
        database.migrate_embedded()
    return server


def inside(programme: str) -> AbstractContextManager[None]:
    """The scope of the programme with this code. Django must be set up."""
    from jifen.common.scope import scope
    from jifen.programmes import selectors

    return scope(selectors.programme_by_code(programme).id)


def end_with_parent() -> None:
    """As a part of ``jifen run``, stop when it ends, even by ``kill -9``."""
    if os.environ.get(PART):
        threading.Thread(target=_wait_for_parent, daemon=True).start()


def _wait_for_parent() -> None:
    while os.read(0, 1024):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _keep_secret_key(home: Path) -> None:
    if not os.environ.get("JIFEN_SECRET_KEY"):
        os.environ["JIFEN_SECRET_KEY"] = secret_key(home)


def _set_up_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", SETTINGS)
    import django

    django.setup()
    # Runs before the embedded server's own exit handler, which was registered earlier.
    atexit.register(_disconnect)


def _disconnect() -> None:
    """Close every connection, so that no pool outlives its server."""
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        close_pool = getattr(connection, "close_pool", None)
        if close_pool is not None:
            close_pool()
