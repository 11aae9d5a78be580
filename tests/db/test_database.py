"""Addresses of databases and the command line around them: one clear line, never a password."""

import json
import os
import socket
import subprocess
import sys

import pytest

from jifen.common.database import (
    OWNER_SETTING,
    URL_SETTING,
    Address,
    DatabaseUnavailable,
    app_address,
    check_database,
    connect,
    migrate_database,
)

SECRET = "s3cr@t/word"


def jifen(*command: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "jifen.faces.cli.main", *command],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment, "PYTHONPATH": "src"},
    )


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("postgresql://u:pw@h/d", "postgresql://u:***@h/d"),
        ("postgresql://u@h/d", "postgresql://u@h/d"),
        (f"postgresql://u:{SECRET}@h/d", "postgresql://u:***@h/d"),
        ("postgresql://h/d?user=u&password=pw", "postgresql://h/d?user=u&password=***"),
    ],
    ids=["password", "no password", "password with @ and /", "password as parameter"],
)
def test_an_address_is_shown_without_its_password(url: str, shown: str) -> None:
    assert Address(url, URL_SETTING).shown() == shown


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://u:pw@h/d", "must look like postgresql://"),
        ("postgresql://u:pw@127.0.0.1:1/d", "cannot connect to postgresql://u:***@127.0.0.1:1/d"),
        ("postgresql://u:pw@nowhere.invalid/d", "cannot connect"),
        ("postgresql://u:pw@h:port/d", "cannot"),
        ("postgresql://u:pw@h/d?nonsense=1", "cannot be read"),
    ],
    ids=["other database", "nobody there", "unknown host", "bad port", "bad parameter"],
)
def test_a_broken_address_is_one_clear_line(url: str, told: str) -> None:
    with pytest.raises(DatabaseUnavailable) as caught:
        connect(Address(url, OWNER_SETTING))

    line = str(caught.value)
    assert line.startswith(OWNER_SETTING)
    assert told in line
    assert "\n" not in line
    assert "pw" not in line


def test_a_database_that_was_never_migrated_says_what_to_run(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    url = app_address().url.rsplit("/", 1)[0] + "/template1"
    monkeypatch.setenv(URL_SETTING, url)

    with pytest.raises(DatabaseUnavailable, match=r"jifen migrate|permission denied"):
        check_database()


def test_migrating_again_changes_nothing() -> None:
    migrate_database()
    migrate_database()
    check_database()


def test_a_command_tells_a_broken_address_in_one_line_and_exit_code_2() -> None:
    done = jifen("verify", JIFEN_DATABASE_URL="postgresql://u:pw@127.0.0.1:1/d")

    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("jifen: JIFEN_DATABASE_URL: cannot connect")


def test_with_json_an_error_is_one_object() -> None:
    done = jifen("verify", "--json", JIFEN_DATABASE_URL="postgresql://u:pw@127.0.0.1:1/d")

    assert done.returncode == 2
    assert json.loads(done.stderr)["code"] == "database_unavailable"


def test_a_taken_port_names_who_has_it() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]

        done = jifen("serve", "--port", str(port))

    assert done.returncode == 2
    assert f"port {port} at 127.0.0.1 is taken by process {os.getpid()}" in done.stderr


def test_help_does_not_wait_for_django() -> None:
    code = (
        "import sys; sys.argv = ['jifen', '--help']\n"
        "from jifen.faces.cli.main import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "print('loaded' if 'django' in sys.modules else 'not loaded')"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.splitlines()[-1] == "not loaded"
