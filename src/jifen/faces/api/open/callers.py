"""The API client as the domain sees it."""

from __future__ import annotations

from datetime import datetime, timedelta

from jifen.earning.types import Caller
from jifen.programmes import staff
from jifen.programmes.types import Client


def caller_of(*, client: Client, at: datetime) -> Caller:
    """Who books at ``at``, and how far back; without a limit the programme's opening is it."""
    days = client.backdate_days
    earliest_at = None if days is None else at - timedelta(days=days)
    return Caller(client.client_id, client.name, client.stores, earliest_at)


def name_of(client: Client) -> str:
    """Who that is to people: a person's login, or a machine's name."""
    return staff.login_of(client)
