"""The cache of API keys: bounded, a second old at most, expiry by the clock."""

from datetime import UTC, datetime, timedelta

import pytest

from jifen.common.ids import new_id
from jifen.faces.api import auth
from jifen.faces.api.faults import MissingKey
from jifen.programmes.types import Client, InvalidKey

AT = datetime(2026, 5, 1, tzinfo=UTC)


class Keys:
    """Stands where the database is asked, and counts."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.refuse = False

    def __call__(self, *, raw_key: str, at: datetime) -> Client:
        self.asked.append(raw_key)
        if self.refuse:
            raise InvalidKey("revoked")
        return Client(new_id(), new_id(), raw_key, frozenset(), None, None)


def test_a_key_is_asked_for_once_in_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = Keys()
    cache = auth.KeyCache(keys)
    seconds = 100.0
    monkeypatch.setattr("jifen.faces.api.auth.time.monotonic", lambda: seconds)
    first = cache.client(raw_key="a", at=AT)
    assert cache.client(raw_key="a", at=AT) is first
    seconds = 101.0
    cache.client(raw_key="a", at=AT)
    assert keys.asked == ["a", "a"]


def test_a_revoked_key_is_refused_after_that_second(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = Keys()
    cache = auth.KeyCache(keys)
    seconds = 100.0
    monkeypatch.setattr("jifen.faces.api.auth.time.monotonic", lambda: seconds)
    cache.client(raw_key="a", at=AT)
    keys.refuse = True
    seconds = 101.0
    with pytest.raises(InvalidKey):
        cache.client(raw_key="a", at=AT)


def test_a_clock_that_was_set_makes_everything_stale() -> None:
    keys = Keys()
    cache = auth.KeyCache(keys)
    cache.client(raw_key="a", at=AT)
    cache.client(raw_key="a", at=AT + timedelta(hours=1))
    assert keys.asked == ["a", "a"]


def test_refusals_are_not_remembered() -> None:
    keys = Keys()
    cache = auth.KeyCache(keys)
    keys.refuse = True
    with pytest.raises(InvalidKey):
        cache.client(raw_key="a", at=AT)
    keys.refuse = False
    assert cache.client(raw_key="a", at=AT).name == "a"


def test_the_cache_is_bounded() -> None:
    keys = Keys()
    cache = auth.KeyCache(keys, most=2)
    for raw_key in ("a", "b", "c", "b", "a"):
        cache.client(raw_key=raw_key, at=AT)
    assert keys.asked == ["a", "b", "c", "a"]


@pytest.mark.parametrize(
    "header", ["Basic abc", "Bearer", "Bearer a b", "Bearer é", "Bearer " + "a" * 201]
)
def test_what_is_no_bearer_key_is_invalid(header: str) -> None:
    with pytest.raises(InvalidKey):
        auth.client_of(authorization=header, at=AT)


def test_no_header_is_a_missing_key() -> None:
    with pytest.raises(MissingKey):
        auth.client_of(authorization="", at=AT)
