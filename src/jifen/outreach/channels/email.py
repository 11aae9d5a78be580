"""The e-mail channel: SMTP, with the standard library.

``JIFEN_SMTP_HOST``, ``JIFEN_SMTP_PORT``, ``JIFEN_SMTP_FROM``, and if the server asks for them
``JIFEN_SMTP_USER`` and ``JIFEN_SMTP_PASSWORD``; ``JIFEN_SMTP_SECURITY`` is ``starttls`` (without
it), ``tls`` or ``none``.
"""

from __future__ import annotations

import os
import smtplib
import ssl
from collections.abc import Mapping
from email.message import EmailMessage
from email.utils import format_datetime
from typing import Final

from jifen.common.outbox.types import Undeliverable
from jifen.outreach.channels.base import ChannelNotSetUp, Letter

HOST: Final = "JIFEN_SMTP_HOST"
PORT: Final = "JIFEN_SMTP_PORT"
SENDER: Final = "JIFEN_SMTP_FROM"
USER: Final = "JIFEN_SMTP_USER"
PASSWORD: Final = "JIFEN_SMTP_PASSWORD"  # noqa: S105 (a setting's name)
SECURITY: Final = "JIFEN_SMTP_SECURITY"
_PORTS: Final = {"starttls": 587, "tls": 465, "none": 25}
_PATIENCE_S: Final = 30
_FOR_GOOD: Final = 500
"""SMTP answers from here on do not change by asking again."""


class EmailChannel:
    """Sends a plain text mail."""

    name = "email"

    def address(self, identities: Mapping[str, str]) -> str | None:
        """The member's e-mail address."""
        return identities.get("email")

    def send(self, letter: Letter, address: str) -> None:
        """Hand one mail to the server. A mail that is sent twice has one Message-ID."""
        message = _message(letter, address)
        try:
            with _connection() as server:
                server.send_message(message)
        except smtplib.SMTPRecipientsRefused as error:
            [(code, _)] = error.recipients.values()
            if code >= _FOR_GOOD:
                raise Undeliverable("address_refused") from error
            raise
        except smtplib.SMTPDataError as error:
            if error.smtp_code >= _FOR_GOOD:
                raise Undeliverable("message_refused") from error
            raise


def _message(letter: Letter, address: str) -> EmailMessage:
    message = EmailMessage()
    message["From"] = _setting(SENDER)
    message["To"] = address
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(letter.at)
    message["Message-ID"] = f"<{letter.id}@notices.jifen>"
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(letter.body)
    return message


def _connection() -> smtplib.SMTP:
    host, security = _setting(HOST), os.environ.get(SECURITY) or "starttls"
    if security not in _PORTS:
        raise ChannelNotSetUp(f"{SECURITY} is none of {', '.join(_PORTS)}")
    port = int(os.environ.get(PORT) or _PORTS[security])
    secure = ssl.create_default_context()
    if security == "tls":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=_PATIENCE_S, context=secure)
    else:
        server = smtplib.SMTP(host, port, timeout=_PATIENCE_S)
    try:
        if security == "starttls":
            server.starttls(context=secure)
        user = os.environ.get(USER)
        if user:
            server.login(user, os.environ.get(PASSWORD, ""))
    except BaseException:
        server.close()
        raise
    return server


def _setting(name: str) -> str:
    value = os.environ.get(name)
    if not value:
        raise ChannelNotSetUp(f"{name} is not set")
    return value
