"""Fixtures of the races."""

from typing import Any

import pytest


@pytest.fixture
def sqlstates(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The SQLSTATEs (or kinds of error) with which transactions of the earning room failed,
    also those that it tried again. Those of other processes are not among them."""
    # Django is not set up yet when this file is read.
    from jifen.earning import services

    seen: list[str] = []
    genuine: Any = services._in_transaction

    def watched(*args: Any) -> Any:
        try:
            return genuine(*args)
        except Exception as error:
            seen.append(getattr(error.__cause__, "sqlstate", None) or type(error).__name__)
            raise

    monkeypatch.setattr(services, "_in_transaction", watched)
    return seen
