"""A real SMTP server on this machine, which keeps what it gets, or refuses it."""

import email
import email.policy
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from typing import Any

import pytest
from aiosmtpd.controller import Controller


class Mailbox:
    """Mails by the order in which they came; ``refuses`` has answers by recipient."""

    def __init__(self) -> None:
        self.mails: list[EmailMessage] = []
        self.refuses: dict[str, str] = {}
        self.refuses_data: str | None = None

    async def handle_RCPT(  # noqa: N802 (the server's name for it)
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        """Take or refuse a recipient."""
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        """Take or refuse a mail."""
        if self.refuses_data:
            return self.refuses_data
        mail = email.message_from_bytes(envelope.content, policy=email.policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        return "250 OK"

    def to(self, address: str) -> list[EmailMessage]:
        """What somebody got."""
        return [mail for mail in self.mails if mail["To"] == address]


def free_port() -> int:
    """A port that nobody listens at."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def mailbox(patch: pytest.MonkeyPatch, **given: Any) -> Iterator[Mailbox]:
    """A server, and the settings that lead to it."""
    box, port = Mailbox(), free_port()
    controller = Controller(box, hostname="127.0.0.1", port=port, **given)
    controller.start()
    patch.setenv("JIFEN_SMTP_HOST", "127.0.0.1")
    patch.setenv("JIFEN_SMTP_PORT", str(port))
    patch.setenv("JIFEN_SMTP_FROM", "points@shop.example")
    patch.setenv("JIFEN_SMTP_SECURITY", "none")
    try:
        yield box
    finally:
        controller.stop()
        assert os.environ["JIFEN_SMTP_PORT"] == str(port)
