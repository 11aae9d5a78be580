"""Which version is in force when, against the plainest way to find out."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from jifen.programmes.rules.versions import coming, in_force, statuses
from jifen.programmes.types import Version

BEGIN = datetime(2026, 11, 1, tzinfo=UTC)


def day(number: int) -> datetime:
    return BEGIN + timedelta(days=number)


def known(*starts: int | None) -> tuple[Version, ...]:
    """Versions that were published on the first day, the newest first."""
    rows = [
        Version(number, BEGIN, "test", None if start is None else day(start))
        for number, start in enumerate(starts, 1)
    ]
    return tuple(reversed(rows))


def numbers(versions: tuple[Version, ...]) -> list[int]:
    return [each.version for each in versions]


def version_at(versions: tuple[Version, ...], at: datetime) -> int | None:
    found = in_force(versions, at)
    return found.version if found else None


def test_one_is_in_force_from_its_start_on_until_the_next() -> None:
    versions = known(None, 10, 20)
    second = timedelta(seconds=1)
    for at, version in (
        (day(-900), 1),
        (day(10) - second, 1),
        (day(10), 2),
        (day(20) - second, 2),
        (day(20), 3),
        (day(900), 3),
    ):
        assert version_at(versions, at) == version, at
    assert numbers(coming(versions, day(0))) == [2, 3]
    assert numbers(coming(versions, day(10))) == [3]
    assert coming(versions, day(20)) == ()


def test_without_any_nothing_is_in_force() -> None:
    assert in_force((), BEGIN) is None
    assert coming((), BEGIN) == ()
    assert statuses((), BEGIN) == {}


def test_a_later_publication_takes_the_place_of_all_that_begin_after_it() -> None:
    versions = known(None, 10, 20, None)
    assert version_at(versions, day(30)) == 4
    assert coming(versions, day(0)) == ()
    assert statuses(versions, day(30)) == {1: "past", 2: "withdrawn", 3: "withdrawn", 4: "in_force"}


def test_one_that_had_begun_before_another_took_its_place_is_past() -> None:
    first, second = known(None, 10)[::-1]
    later = Version(3, day(15), "test")
    assert statuses((later, second, first), day(30)) == {1: "past", 2: "past", 3: "in_force"}


def test_versions_published_at_one_moment_are_past_one_by_one() -> None:
    assert statuses(known(None, None, None), BEGIN) == {1: "past", 2: "past", 3: "in_force"}


starts = st.lists(st.none() | st.integers(1, 8), max_size=6)


@given(starts=starts, now=st.integers(0, 9))
def test_like_painting_each_over_what_was_there(starts: list[int | None], now: int) -> None:
    """Days painted with each version from its start on, the later one over the earlier ones."""
    versions = known(None, *starts)
    days = [1] * 12
    for version, start in enumerate(starts, 2):
        first = 0 if start is None else start
        days[first:] = [version] * (12 - first)
    for number, version in enumerate(days):
        assert version_at(versions, day(number)) == version
    ahead = [each for each in dict.fromkeys(days[now + 1 :]) if each != days[now]]
    assert numbers(coming(versions, day(now))) == ahead
    told = statuses(versions, day(now))
    assert {each for each, status in told.items() if status == "coming"} == set(ahead)
    assert [each for each, status in told.items() if status == "in_force"] == [days[now]]
    assert {each for each, status in told.items() if status == "withdrawn"} == {
        each for each, start in enumerate(starts, 2) if start is not None and each not in days
    }
