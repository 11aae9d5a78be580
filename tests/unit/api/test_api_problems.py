"""Refusals as problem details."""

import json
from typing import ClassVar

import pytest
from django.core.exceptions import RequestDataTooBig
from django.db import OperationalError

from jifen.common.errors import Conflict, InvalidInput, JifenError, NotFound
from jifen.faces.api import faults, problems
from jifen.members.types import UnknownMember


class NewKindOfConflict(Conflict):
    """A refusal that no table names."""

    code: ClassVar[str] = "new_kind"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (JifenError("x"), 422),
        (InvalidInput("x"), 422),
        (faults.TooSmall("x"), 422),
        (NotFound("x"), 404),
        (UnknownMember("x"), 404),
        (NewKindOfConflict("x"), 409),
        (faults.MalformedJson("x"), 400),
        (faults.InvalidCursor("x"), 400),
        (faults.MissingKey("x"), 401),
        (faults.ForbiddenRight("x"), 403),
        (faults.Busy("x"), 503),
    ],
)
def test_the_nearest_class_decides_the_status(error: JifenError, status: int) -> None:
    assert problems.status_of(error) == status


def test_a_problem_has_every_member_and_its_fields() -> None:
    error = UnknownMember("no such member", member="m1", status="hidden by the standard one")
    answer = problems.response(error, language="zh", request_id="r1")
    assert answer["Content-Type"] == "application/problem+json"
    assert answer["Content-Language"] == "zh"
    assert json.loads(answer.content) == {
        "type": "urn:jifen:problem:unknown_member",
        "title": "会员不存在",
        "status": 404,
        "detail": "no such member",
        "code": "unknown_member",
        "member": "m1",
        "request_id": "r1",
    }


def test_an_unauthorised_caller_is_told_the_scheme() -> None:
    answer = problems.response(faults.MissingKey("x"), language="en", request_id="r")
    assert answer["WWW-Authenticate"] == 'Bearer realm="jifen"'


def test_an_unknown_exception_tells_nothing_of_itself() -> None:
    known = problems.known_error(ValueError("secret 13800138000"))
    assert (known.code, problems.status_of(known)) == ("internal_error", 500)
    assert "138" not in known.detail


@pytest.mark.parametrize(
    ("error", "code"),
    [(RequestDataTooBig(), "body_too_large"), (OperationalError("gone"), "unavailable")],
)
def test_what_django_raises_has_a_name_too(error: Exception, code: str) -> None:
    assert problems.known_error(error).code == code


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("", "en"),
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh"),
        ("en-GB,en;q=0.9,zh;q=0.1", "en"),
        ("fr, zh;q=0.3", "zh"),
        ("fr", "en"),
        ("zh;q=0", "en"),
        ("zh;q=banana, en;q=0.2", "en"),
        ("*", "en"),
    ],
)
def test_the_language_is_the_one_preferred(header: str, language: str) -> None:
    assert problems.language_of(header) == language
