"""Programmes that are set up at once: one code is one programme's, one login one owner's."""

import uuid
from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime

from tests.concurrency.racing import at_once

from jifen.common.errors import JifenError
from jifen.programmes.models import Programme, StaffLogin
from jifen.programmes.rules.attempts import MOST_OF_LOGIN
from jifen.programmes.set_up import set_up
from jifen.programmes.types import NewOwner, NewProgramme

NOW = datetime(2026, 7, 1, 4, tzinfo=UTC)
CODE = "abcd-efgh-jkmn-pqrs"
PASSWORD = "a tall tea house 9"


def setting_up(code: str, login: str, *, sent: str = CODE, address: str = "") -> Callable[[], str]:
    """A call that answers the code of its refusal, or nothing."""

    def made() -> str:
        try:
            set_up(
                sent=sent,
                kept=CODE,
                programme=NewProgramme(code, "Tea", "Asia/Shanghai", "CNY", "Main"),
                owner=NewOwner(login, "Li", PASSWORD),
                address=address or uuid.uuid4().hex,
                at=NOW,
            )
        except JifenError as error:
            return error.code
        return ""

    return made


def test_one_code_at_once_is_one_programme() -> None:
    code = uuid.uuid4().hex
    logins = [uuid.uuid4().hex for _ in range(8)]
    answers = at_once([setting_up(code, login) for login in logins])
    assert Counter(answers) == {"": 1, "programme_exists": 7}
    [made] = Programme.objects.filter(code=code)
    kept = StaffLogin.objects.filter(login__in=logins)
    assert [(each.login, each.programme_id) for each in kept] == [
        (logins[answers.index("")], made.id)
    ]


def test_one_login_at_once_is_one_owners() -> None:
    login = uuid.uuid4().hex
    codes = [uuid.uuid4().hex for _ in range(8)]
    answers = at_once([setting_up(code, login) for code in codes])
    assert Counter(answers) == {"": 1, "login_taken": 7}
    [made] = Programme.objects.filter(code__in=codes)
    assert StaffLogin.objects.get(login=login).programme_id == made.id


def test_codes_guessed_at_once_are_all_counted() -> None:
    address = uuid.uuid4().hex
    calls = [
        setting_up(uuid.uuid4().hex, uuid.uuid4().hex, sent=f"wrong {number}", address=address)
        for number in range(16)
    ]
    answers = Counter(at_once(calls))
    assert set(answers) <= {"wrong_set_up_code", "too_many_attempts"}
    assert answers["wrong_set_up_code"] <= MOST_OF_LOGIN
