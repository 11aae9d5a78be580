"""The members file: what a line brings, and what is refused."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from jifen.earning.types import OpeningLot
from jifen.faces.importing.files import RawLine, UnreadableFile
from jifen.faces.importing.people import BadPerson, Known, Person, read_people
from jifen.faces.importing.plan import key_of_person
from jifen.members.types import IdentityValue

KNOWN = Known(
    zone=ZoneInfo("Asia/Shanghai"),
    at=datetime(2026, 6, 1, tzinfo=UTC),
    stores=frozenset({"main"}),
    points=("points", "beans"),
    growth=("growth",),
    tiers=frozenset({"gold"}),
)
HEADER = "external_id,phone,name,birthday,store,points,points:beans,points_expire_at,growth,tier"


def people_of(*rows: str, header: str = HEADER) -> list[Person | BadPerson]:
    lines = [RawLine(n, f"{row}\n".encode()) for n, row in enumerate((header, *rows), start=1)]
    return list(read_people(lines=lines, name="members.csv", known=KNOWN))


def test_everything_a_person_can_bring() -> None:
    (person,) = people_of(
        "7,138 0013 8000,王小明,1990-05-20,main,100@2027-01-01;50,7,2026-12-31,300,gold"
    )
    assert isinstance(person, Person)
    member = person.member
    assert member.key == key_of_person("member", "external", "7")
    assert "external:7" not in member.key
    assert member.identities == (
        IdentityValue("external", "7"),
        IdentityValue("phone", "+8613800138000"),
    )
    assert (member.name, member.birthday_on) == ("王小明", date(1990, 5, 20))
    assert (member.store, member.tier) == ("main", "gold")
    shanghai = KNOWN.zone
    assert member.lots == (
        OpeningLot("points", 100, datetime(2027, 1, 2, tzinfo=shanghai)),
        OpeningLot("points", 50, datetime(2027, 1, 1, tzinfo=shanghai)),
        OpeningLot("beans", 7, datetime(2027, 1, 1, tzinfo=shanghai)),
        OpeningLot("growth", 300),
    )


def test_no_points_are_no_lot() -> None:
    (person,) = people_of("7,,,,,0,,,0,")
    assert isinstance(person, Person)
    assert person.member.lots == ()


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("7", "bad_columns"),
        (",,,,,,,,,", "no_identity"),
        (",12,,,,,,,,", "invalid_phone"),
        ("7,," + "x" * 121 + ",,,,,,,", "bad_name"),
        ("7,,,1990-02-30,,,,,,", "birthday_not_a_day"),
        ("7,,,2026-06-02,,,,,,", "invalid_birthday"),
        ("7,,,1899-12-31,,,,,,", "invalid_birthday"),
        ("7,,,,moon,,,,,", "unknown_store"),
        ("7,,,,,1.5,,,,", "points_not_a_whole_number"),
        ("7,,,,,-5,,,,", "points_not_a_whole_number"),
        ("7,,,,,9999999999999,,,,", "points_too_many"),
        ("7,,,,,5@soon,,,,", "points_expire_at_not_a_day"),
        ("7,,,,,5@2026-05-31,,,,", "points_expired_already"),
        ("7,,,,,,,,much,", "growth_not_a_whole_number"),
        ("7,,,,,,,,,silver", "unknown_tier"),
    ],
)
def test_a_bad_line(row: str, reason: str) -> None:
    assert people_of(row) == [BadPerson(2, reason)]


def test_today_is_not_over() -> None:
    (person,) = people_of("7,,,,,5@2026-06-01,,,,")
    assert isinstance(person, Person)


def test_an_identity_stands_once_in_a_file() -> None:
    first, second, third = people_of(
        "7,13800138000,,,,,,,,", "8,+8613800138000,,,,,,,,", "8,,,,,,,,,"
    )
    assert isinstance(first, Person)
    assert second == BadPerson(3, "phone_is_in_line_2")
    assert isinstance(third, Person)


@pytest.mark.parametrize(
    "header", ["name", "external_id,colour", "external_id,points:gems", "phone,phone", ""]
)
def test_a_header_must_name_known_columns(header: str) -> None:
    with pytest.raises(UnreadableFile):
        people_of(header=header)
