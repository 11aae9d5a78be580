"""One database for the whole run, and Django on it.

Tests commit, and keep apart by making a programme of their own each; nothing is truncated.

The embedded server of a fresh home serves them, shared by all xdist workers: each starts it
(whoever comes first really does), the last one stops it, and the run's controller removes the
home. ``JIFEN_TEST_DATABASE_URL`` names a real server instead, by an address that may migrate.
Tests below ``tests/unit`` need no database, and a run of only these starts none.
"""

import os
import shutil
import uuid
from collections.abc import Generator
from pathlib import Path

import pytest

from jifen.common import embedded
from jifen.common.database import OWNER_SETTING, URL_SETTING, migrate_database, migrate_embedded

UNIT = Path(__file__).parent / "unit"


def _is_controller(config: pytest.Config) -> bool:
    """Whether this process only hands tests out to xdist's workers."""
    return not hasattr(config, "workerinput") and bool(config.getoption("numprocesses", None))


def pytest_configure(config: pytest.Config) -> None:
    """Point Django at this run's database, which need not run yet."""
    # A short path that the server's own account can reach: pytest's tmp_path is neither.
    run = os.environ.setdefault("JIFEN_TEST_RUN", uuid.uuid4().hex[:12])
    os.environ["JIFEN_HOME"] = f"/tmp/jifen-test-{run}"
    server = os.environ.get("JIFEN_TEST_DATABASE_URL")
    home = Path(os.environ["JIFEN_HOME"])
    os.environ[URL_SETTING] = server or embedded.url_of(home, role=embedded.APP)
    os.environ[OWNER_SETTING] = server or embedded.url_of(home, role=embedded.OWNER)
    os.environ["JIFEN_SECRET_KEY"] = "only for tests"
    os.environ["DJANGO_SETTINGS_MODULE"] = "jifen.config.settings"
    if not _is_controller(config):
        import django

        django.setup()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the home when everybody is done with it."""
    if not hasattr(config, "workerinput"):
        shutil.rmtree(os.environ["JIFEN_HOME"], ignore_errors=True)
        os.environ.pop("JIFEN_TEST_RUN", None)


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtestloop(session: pytest.Session) -> Generator[None, object, object]:
    """Have the database running and migrated while tests run that need it."""
    if _is_controller(session.config) or all(UNIT in item.path.parents for item in session.items):
        return (yield)
    if os.environ.get("JIFEN_TEST_DATABASE_URL"):
        migrate_database()
        return (yield)
    server = embedded.start(Path(os.environ["JIFEN_HOME"]))
    try:
        migrate_embedded()
        return (yield)
    finally:
        _disconnect()
        server.close()


def _disconnect() -> None:
    from django.db import connections

    for connection in connections.all(initialized_only=True):
        connection.close()
        connection.close_pool()  # type: ignore[attr-defined]
