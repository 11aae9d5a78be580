"""Attempts to get in, and how long to wait after those that failed.

An attempt is written down, in a transaction of its own, before anything is compared, and counts as
failed until it has succeeded; so a thousand at once are a thousand.
"""

from __future__ import annotations

import hashlib
from datetime import datetime
from uuid import UUID

from jifen.programmes.models import SignInAttempt
from jifen.programmes.rules.attempts import MOST_OF_ADDRESS, MOST_OF_LOGIN, WINDOW, wait_until
from jifen.programmes.types import TooManyAttempts


def begin(*, name: str, address: str, at: datetime) -> UUID:
    """Write down an attempt under this name, such as a login, and look at those before it; answers
    its id for :func:`succeed`. Raises ``TooManyAttempts``."""
    row = SignInAttempt(login_sha256=_digest(name), address_sha256=_digest(address), at=at)
    row.save(force_insert=True)
    for field, most in (("login_sha256", MOST_OF_LOGIN), ("address_sha256", MOST_OF_ADDRESS)):
        failures = list(
            SignInAttempt.objects.filter(
                **{field: getattr(row, field)}, failed=True, at__gt=at - WINDOW
            )
            .exclude(id=row.id)
            .order_by("-at")
            .values_list("at", flat=True)[:most]
        )
        retry_at = wait_until(failures[::-1], most)
        if retry_at is not None:
            # It has compared nothing, so it does not make the wait longer.
            SignInAttempt.objects.filter(id=row.id).delete()
            raise TooManyAttempts(
                "too many attempts failed; wait before the next", retry_at=retry_at.isoformat()
            )
    return UUID(str(row.id))


def succeed(attempt_id: UUID) -> None:
    """It was no failure."""
    SignInAttempt.objects.filter(id=attempt_id).update(failed=False)


def forget(*, at: datetime) -> int:
    """Remove those that count no more; answers how many."""
    return SignInAttempt.objects.filter(at__lte=at - WINDOW).delete()[0]


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
