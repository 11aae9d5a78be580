"""The channels by name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from jifen.outreach.channels.base import Channel
from jifen.outreach.channels.email import EmailChannel
from jifen.outreach.channels.file import FileChannel

CHANNELS: Final[Mapping[str, Channel]] = {
    channel.name: channel for channel in (EmailChannel(), FileChannel())
}
