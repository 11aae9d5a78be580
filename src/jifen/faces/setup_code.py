"""The set-up code: whoever has it may make a new programme on this server, with its first owner.

Whoever runs the server has it and nobody else: it is the setting ``JIFEN_SETUP_CODE``, or stands in
the file ``setup_code`` (0600) of the home. Where neither is, nobody sets anything up over HTTP.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

from jifen.common.errors import InvalidInput
from jifen.common.home import HomeError, default_home, made_once
from jifen.programmes.rules import codes

SETTING: Final = "JIFEN_SETUP_CODE"
_FILE: Final = "setup_code"


def known() -> str | None:
    """The code as it is now; None where there is none, or one that could be guessed."""
    code = os.environ.get(SETTING)
    if code is None:
        try:
            code = _place().read_text(encoding="ascii").strip()
        except (OSError, UnicodeDecodeError):
            return None
    return code if codes.is_long(code) else None


def ensure() -> str:
    """The code, made now if there is none. Raises HomeError, or ``InvalidInput`` for one that
    somebody chose too short."""
    code = os.environ.get(SETTING)
    if code is None:
        code = made_once(_place(), codes.new_code()).strip()
    if not codes.is_long(code):
        raise InvalidInput(f"a set-up code has {codes.LENGTH} letters and digits or more")
    return code


def renew() -> str:
    """Another code; the one before opens nothing from now on."""
    drop()
    return ensure()


def drop() -> None:
    """From now on there is no code. Raises ``InvalidInput`` where a setting says there is."""
    if SETTING in os.environ:
        raise InvalidInput(f"the code is that of {SETTING}; change it there")
    try:
        _place().unlink(missing_ok=True)
    except OSError as error:
        raise HomeError(f"cannot remove {_place()}: {error.strerror}") from error


def _place() -> Path:
    return default_home() / _FILE
