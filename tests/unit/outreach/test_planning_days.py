"""Which days are told of on a day, which days are made up for, and what a notice says."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from jifen.common.ids import new_id
from jifen.common.outbox.services import wait_after
from jifen.outreach.channels.base import Letter
from jifen.outreach.channels.email import EmailChannel, _message
from jifen.outreach.channels.file import FileChannel
from jifen.outreach.rules.texts import Told, text_of
from jifen.outreach.rules.windows import MOST_DAYS, days_to_plan, windows

SHANGHAI = ZoneInfo("Asia/Shanghai")
TODAY = date(2026, 6, 1)
DAY = timedelta(days=1)


def test_a_window_is_one_local_day_half_open_at_its_begin() -> None:
    [month, week] = windows([30, 7], TODAY, SHANGHAI)
    assert (month.days_before, month.ends_on) == (30, date(2026, 7, 1))
    assert month.begins_at == datetime(2026, 6, 30, 16, tzinfo=UTC)
    assert month.ends_at == datetime(2026, 7, 1, 16, tzinfo=UTC)
    assert week.ends_on == date(2026, 6, 8)


@pytest.mark.parametrize(
    ("last", "days"),
    [
        pytest.param(None, [0], id="the first time only today"),
        pytest.param(TODAY - DAY, [0], id="as every day"),
        pytest.param(TODAY - 3 * DAY, [-2, -1, 0], id="two were missed"),
        pytest.param(TODAY, [], id="done already"),
        pytest.param(TODAY + DAY, [], id="the zone went back"),
        pytest.param(TODAY - 400 * DAY, list(range(-MOST_DAYS, 1)), id="not for ever"),
    ],
)
def test_days_to_be_planned(last: date | None, days: list[int]) -> None:
    assert list(days_to_plan(last, TODAY)) == [TODAY + n * DAY for n in days]


@pytest.mark.parametrize(
    ("kind", "languages", "subject", "begins"),
    [
        ("expiry", ("zh",), "您有 1,234 积分即将过期", "您好：您在「茶」的 1,234 积分有效期至"),
        ("clear", ("en",), "Your 1,234 points will be cleared", "Hello, all points at 茶 are"),
        (
            "expiry",
            ("en", "zh"),
            "1,234 points of yours are about to expire / 您有 1,234 积分即将过期",
            "Hello, 1,234 points of yours at 茶",
        ),
    ],
)
def test_what_a_notice_says(
    kind: str, languages: tuple[str, ...], subject: str, begins: str
) -> None:
    told = Told(kind, 1_234, {"zh": "积分", "en": "points"}, "茶", TODAY)
    text = text_of(told, languages)
    assert text.subject == subject
    assert text.body.startswith(begins)
    assert text.body.count("2026-06-01") == len(languages)


def test_braces_in_names_are_text() -> None:
    told = Told("expiry", 1, {"zh": "{points}", "en": "{day}"}, "{name}", TODAY, name="{unit}")
    assert "{points}" in text_of(told, ("zh",)).body


def test_waits_grow_and_stop_growing() -> None:
    minutes = [wait_after(tries) / timedelta(minutes=1) for tries in range(1, 8)]
    assert minutes == [1, 4, 16, 64, 256, 360, 360]


def test_channels_say_whom_they_reach() -> None:
    assert EmailChannel().address({"phone": "+8613812342186"}) is None
    assert EmailChannel().address({"email": "a@example.com"}) == "a@example.com"
    assert FileChannel().address({"external": "7", "phone": "+8613812342186"}) == (
        "phone:+8613812342186"
    )
    assert FileChannel().address({}) is None


def test_a_mail_of_one_notice_has_one_message_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_SMTP_FROM", "points@shop.example")
    letter = Letter(new_id(), new_id(), "subject", "body\n", datetime(2026, 6, 1, tzinfo=UTC))
    first, second = (_message(letter, "a@example.com") for _ in range(2))
    assert first["Message-ID"] == second["Message-ID"]
    assert str(letter.id) in first["Message-ID"]
