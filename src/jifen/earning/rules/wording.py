"""How rules are put into words for members, in English and Chinese.

A kind of rule says its sentence in both languages beside what it does, by :meth:`Words.say`; what
the sentences share (money, amounts of a unit, lists, whom a rule is for) is here.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from string import Formatter
from typing import Any, Final

from jifen.earning.rules.decimals import SCALE, scaled
from jifen.earning.rules.messages import MESSAGES, Language
from jifen.earning.rules.receipt import money

LANGUAGES: Final[tuple[Language, ...]] = ("zh", "en")
_JOINS: Final = {"zh": "、", "en": ", "}
_TOUCHING: Final = re.compile(
    r"(?<=[A-Za-z0-9%])(?=[\u4e00-\u9fff])|(?<=[\u4e00-\u9fff])(?=[A-Za-z0-9¥£€$])"
)
"""Where Chinese and what is not touch; a space goes between."""
_SEMICOLONS: Final = {"zh": "；", "en": "; "}


class Words:
    """One language, one currency, and the names of what a programme has.

    ``symbol`` stands before money; units ``in_minor`` count money. ``units``, ``tiers``,
    ``stores`` and ``segments`` are names by code; what has no name is told by its code. ``gives``
    is the unit that a rule gives, by the rule's code.
    """

    def __init__(
        self,
        language: Language,
        *,
        symbol: str = "",
        units: Mapping[str, str] | None = None,
        in_minor: Collection[str] = (),
        tiers: Mapping[str, str] | None = None,
        stores: Mapping[str, str] | None = None,
        segments: Mapping[str, str] | None = None,
        gives: Mapping[str, str] | None = None,
    ) -> None:
        self.language = language
        self._symbol = symbol
        self._units = units or {}
        self._in_minor = in_minor
        self._tiers = tiers or {}
        self._stores = stores or {}
        self._segments = segments or {}
        self._gives = gives or {}

    def say(self, *, zh: str, en: str, **fields: Any) -> str:
        """The sentence of this language with its fields. Both have the same fields, so that no
        language keeps a condition to itself."""
        if _named(zh) != _named(en):
            raise ValueError(f"the languages do not say the same: {zh!r}, {en!r}")
        if self.language == "en":
            return en.format(**fields)
        return _TOUCHING.sub(" ", zh.format(**fields))

    def choose(self, *, zh: str, en: str) -> str:
        """A word without fields, which may be empty in one of the languages."""
        return zh if self.language == "zh" else en

    def money(self, minor: int) -> str:
        """So much money."""
        return money(minor, self._symbol)

    def unit(self, code: str) -> str:
        """A unit's name."""
        return self._units.get(code) or MESSAGES[self.language].get(f"unit:{code}", code)

    def amount(self, unit: str, count: int) -> str:
        """So many of a unit: ``10 points``, ``1 point``, ``10 积分``, ``¥10 赠送金``."""
        name = self.unit(unit)
        if unit in self._in_minor:
            return f"{self.money(count)} {name}"
        if self.language == "en" and count == 1 and name.endswith("ts"):
            name = name[:-1]
        return f"{count:,} {name}"

    def times(self, decimal: str) -> str:
        """A multiplier: ``1.5×``, ``1.5 倍``."""
        return self.say(zh="{decimal} 倍", en="{decimal}×", decimal=decimal)

    def percent(self, decimal: str) -> str:
        """A share: ``"0.5"`` → ``50%``."""
        whole, rest = divmod(scaled(decimal) * 100, SCALE)
        return f"{whole}.{rest:04}".rstrip("0").rstrip(".") + "%"

    def tier(self, code: str) -> str:
        """A tier's name."""
        return self._tiers.get(code) or code

    def stores(self, codes: Iterable[str]) -> str:
        """Names of stores."""
        return self.several(self._stores.get(code) or code for code in codes)

    def several(self, things: Iterable[str]) -> str:
        """``a, b``, ``a、b``."""
        return _JOINS[self.language].join(things)

    def parts(self, parts: Iterable[str]) -> str:
        """Parts of a sentence, one after the other."""
        return _SEMICOLONS[self.language].join(part for part in parts if part)

    def aside(self, sentence: str, *remarks: str) -> str:
        """The sentence with its remarks in brackets, if there are any."""
        told = self.parts(remarks)
        if not told:
            return sentence
        return f"{sentence}（{told}）" if self.language == "zh" else f"{sentence} ({told})"

    def for_some(self, segments: Collection[str], tags: Collection[str]) -> str:
        """For whom a rule is; empty for everybody."""
        named = self.several(self._segments.get(code) or code for code in segments)
        return self.parts(
            (
                self.say(zh="仅限 {who}", en="only for {who}", who=named) if segments else "",
                self.say(
                    zh="仅限有标签 {tags} 的会员",
                    en="only for members tagged {tags}",
                    tags=self.several(tags),
                )
                if tags
                else "",
            )
        )

    def while_there(self, unit: str, budget: int | None) -> str:
        """How much a rule has to give; empty where that has no end."""
        if budget is None:
            return ""
        return self.say(
            zh="共 {budget}，送完为止",
            en="{budget} in all, as long as they last",
            budget=self.amount(unit, budget),
        )

    def bounds(self, rules: Collection[str]) -> str:
        """Which rules a cap bounds; empty for all."""
        if not rules:
            return ""
        return self.say(zh="限规则 {rules}", en="of {rules}", rules=self.several(rules))

    def factors(self, rules: Collection[str]) -> str:
        """What a multiplier works on; empty for all."""
        if not rules:
            return ""
        units = dict.fromkeys(self.unit(self._gives.get(code, code)) for code in rules)
        return self.say(zh="仅{units}", en="{units} only", units=self.several(units))

    def weekdays(self, days: Iterable[int]) -> str:
        """Days of the week; 1 is Monday."""
        names = _WEEKDAYS[self.language]
        return self.several(names[day - 1] for day in days)

    def kinds(self, kinds: Iterable[str]) -> str:
        """Kinds of line."""
        return self.several(MESSAGES[self.language][f"line:{kind}"] for kind in kinds)

    def span(self, *, days: int | None, months: int | None, years: int | None = None) -> str:
        """A length of time in the one measure that is given."""
        for count, (zh, one, more) in zip((days, months, years), _SPANS, strict=True):
            if count is not None:
                return f"{count} {zh}" if self.language == "zh" else (
                    f"{count} {one if count == 1 else more}"
                )  # fmt: skip
        raise ValueError("a length of time has a measure")

    def period(self, per: str) -> str:
        """A calendar period."""
        return _PERIODS[self.language][per]


_WEEKDAYS: Final = {
    "zh": ("周一", "周二", "周三", "周四", "周五", "周六", "周日"),
    "en": (
        "Mondays", "Tuesdays", "Wednesdays", "Thursdays", "Fridays", "Saturdays", "Sundays",
    ),
}  # fmt: skip
_SPANS: Final = (("天", "day", "days"), ("个月", "month", "months"), ("年", "year", "years"))
_PERIODS: Final = {
    "zh": {"day": "日", "week": "周", "month": "月", "quarter": "季度", "year": "年"},
    "en": {"day": "day", "week": "week", "month": "month", "quarter": "quarter", "year": "year"},
}


def _named(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name}
