"""Which days a birthday may be."""

from datetime import date

import pytest

from jifen.members.rules.birthdays import check_birthday
from jifen.members.types import InvalidBirthday

TODAY = date(2026, 6, 1)


@pytest.mark.parametrize("born", [None, date(1900, 1, 1), date(2024, 2, 29), TODAY])
def test_a_day_on_which_somebody_can_have_been_born(born: date | None) -> None:
    check_birthday(born, TODAY)


@pytest.mark.parametrize("born", [date(1899, 12, 31), date(2026, 6, 2)])
def test_a_day_on_which_nobody_can(born: date) -> None:
    with pytest.raises(InvalidBirthday):
        check_birthday(born, TODAY)
