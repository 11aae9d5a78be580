"""The file channel: a JSON line for each letter, for another system to take on its way.

In the folder of ``JIFEN_NOTICES_FOLDER`` (``notices`` in the home without it), a file each UTC day.
Files hold phone numbers and addresses, so only their owner can read them.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from jifen.common.home import default_home
from jifen.outreach.channels.base import Letter

FOLDER: Final = "JIFEN_NOTICES_FOLDER"
_PREFERRED: Final = ("phone", "email", "wechat", "external", "card")
_OWNER_ONLY: Final = 0o600
_FOLDER_OWNER_ONLY: Final = 0o700


class FileChannel:
    """Appends JSON lines to a file a day."""

    name = "file"

    def address(self, identities: Mapping[str, str]) -> str | None:
        """``phone:+86…``, or whatever else the member is known by."""
        found = (f"{kind}:{identities[kind]}" for kind in _PREFERRED if kind in identities)
        return next(found, None)

    def send(self, letter: Letter, address: str) -> None:
        """Append one line and wait for the disk."""
        kind, _, value = address.partition(":")
        line = {
            "id": letter.id,
            "member_id": letter.member_id,
            "at": letter.at,
            "to": {"kind": kind, "value": value},
            "subject": letter.subject,
            "body": letter.body,
        }
        folder = Path(os.environ.get(FOLDER) or default_home() / "notices")
        folder.mkdir(mode=_FOLDER_OWNER_ONLY, parents=True, exist_ok=True)
        path = folder / f"notices-{letter.at.date().isoformat()}.jsonl"
        # One write of one line: two workers never mix theirs.
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, _OWNER_ONLY)
        try:
            os.write(descriptor, msgspec.json.encode(line) + b"\n")
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
