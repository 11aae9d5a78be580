"""One line per event, as ``key=value`` pairs, with the id of the request it belongs to.

A face sets ``request_id`` when a request comes in; outside of requests it is ``-``. Bodies,
keys and phone numbers are never logged, nor is the text of an exception, which may quote them.
"""

import json
import logging
import re
import traceback
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any, Final

# Compiled once: a busy server writes thousands of these lines a second.
_PLAIN: Final = re.compile(r"[!#-<>-~]+")
_JSON: Final = json.JSONEncoder(ensure_ascii=False)

request_id: ContextVar[str] = ContextVar("request_id", default="-")


class LineFormatter(logging.Formatter):
    """``at=… level=… logger=… request=… message=…``; of an exception its type and its frames are
    quoted into the line."""

    def format(self, record: logging.LogRecord) -> str:
        """Format one record without any line break."""
        at = datetime.fromtimestamp(record.created, tz=UTC).isoformat(timespec="milliseconds")
        parts = {
            "at": at,
            "level": record.levelname.lower(),
            "logger": record.name,
            "request": request_id.get(),
            "message": record.getMessage(),
        }
        if record.exc_info:
            parts["traceback"] = self.formatException(record.exc_info)
        return " ".join(f"{key}={_quoted(value)}" for key, value in parts.items())

    def formatException(self, ei: Any) -> str:  # noqa: N802 (the name is logging's)
        """The frames and the type. The text of an error of the database may hold a row."""
        kind, _, frames = ei
        return "".join(traceback.format_tb(frames)) + (kind.__name__ if kind else "")


def _quoted(value: str) -> str:
    return value if _PLAIN.fullmatch(value) else _JSON.encode(value)
