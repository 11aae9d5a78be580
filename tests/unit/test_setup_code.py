"""``jifen setup-code``: made once, replaced, taken away; the code of the setting goes first."""

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from jifen.common.errors import InvalidInput
from jifen.faces import setup_code
from jifen.faces.cli.setup_code import register

CHOSEN = "sixteen letters and more"


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("JIFEN_HOME", str(tmp_path))
    monkeypatch.delenv(setup_code.SETTING, raising=False)
    return tmp_path


def called(*arguments: str) -> str | None:
    app = typer.Typer()
    register(app)
    result = CliRunner().invoke(app, [*arguments, "--json"])
    if result.exception is not None:
        raise result.exception
    told: str | None = json.loads(result.output)["setup_code"]
    return told


def test_it_is_made_once_and_kept_to_oneself(home: Path) -> None:
    assert setup_code.known() is None
    made = called()
    assert called() == made == setup_code.known()
    assert (home / "setup_code").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in home.iterdir()] == ["setup_code"]


def test_another_one_ends_it_and_none_is_none(home: Path) -> None:
    made = called()
    renewed = called("--new")
    assert renewed != made
    assert setup_code.known() == renewed
    assert called("--off") is None
    assert setup_code.known() is None
    assert not list(home.iterdir())


def test_the_setting_goes_first_and_is_changed_there(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    called()
    monkeypatch.setenv(setup_code.SETTING, CHOSEN)
    assert called() == setup_code.known() == CHOSEN
    for change in ("--new", "--off"):
        with pytest.raises(InvalidInput):
            called(change)
    monkeypatch.setenv(setup_code.SETTING, "short")
    assert setup_code.known() is None
    with pytest.raises(InvalidInput):
        called()
