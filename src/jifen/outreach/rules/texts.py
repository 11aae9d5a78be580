"""What a notice says, in both languages. Plain text, no markup."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from msgspec import Struct

_WORDS: Final = {
    "zh": {
        "subject": {
            "expiry": "您有 {points} {unit}即将过期",
            "clear": "您的 {points} {unit}即将清零",
        },
        "body": {
            "expiry": "您好{name}：您在「{programme}」的 {points} {unit}有效期至 {day}（含当日），"
            "逾期未用将过期。请及时使用。",
            "clear": "您好{name}：「{programme}」的{unit}将于 {day} 日终清零，"
            "您现有 {points} {unit}。请在当日结束前使用。",
        },
        "name": "，{name}",
    },
    "en": {
        "subject": {
            "expiry": "{points} {unit} of yours are about to expire",
            "clear": "Your {points} {unit} will be cleared",
        },
        "body": {
            "expiry": "Hello{name}, {points} {unit} of yours at {programme} are good until the end"
            " of {day}. After that they expire. Please use them in time.",
            "clear": "Hello{name}, all {unit} at {programme} are cleared at the end of {day}."
            " You have {points} {unit} now. Please use them by then.",
        },
        "name": " {name}",
    },
}


class Text(Struct, frozen=True):
    """A notice as it is read."""

    subject: str
    body: str


class Told(Struct, frozen=True):
    """What there is to tell. ``units`` are the unit's names by language."""

    kind: str
    points: int
    units: Mapping[str, str]
    programme: str
    last_day: date
    name: str = ""


def text_of(told: Told, languages: Iterable[str]) -> Text:
    """The notice in these languages, one after the other; the first one's subject leads."""
    subjects, bodies = [], []
    for language in languages:
        words = _WORDS[language]
        name = str(words["name"]).format(name=told.name) if told.name else ""
        facts = {
            "points": f"{told.points:,}",
            "unit": told.units[language],
            "programme": told.programme,
            "day": told.last_day.isoformat(),
            "name": name,
        }
        subjects.append(words["subject"][told.kind].format(**facts))  # type: ignore[index]
        bodies.append(words["body"][told.kind].format(**facts))  # type: ignore[index]
    return Text(" / ".join(subjects), "\n\n".join(bodies) + "\n")
