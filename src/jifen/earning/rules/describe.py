"""An award in sentences: every part with its arithmetic, every bound and every refusal.

Pure: what is said comes from the award and its facts alone, never from today's rules.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from jifen.earning.rules.messages import MESSAGES, Language
from jifen.earning.rules.plan import Named
from jifen.earning.rules.receipt import money
from jifen.earning.types import Award, Facts, Part, Refusal

_PLACES: Final = 4
"""Decimals shown of a fraction that never ends."""
_LONGEST: Final = 40
"""Decimals shown of one that does."""


def sentences(
    award: Award,
    facts: Facts,
    language: Language,
    *,
    symbol: str = "",
    digits: int = 2,
    units: Mapping[str, str] | None = None,
    in_minor: Collection[str] = (),
) -> list[str]:
    """What ``award`` gave and refused under ``facts``, one sentence each.

    ``symbol`` stands before money, ``digits`` are the decimals of its main unit, ``units`` are
    names of units by code where the built-in ones are not wanted, and units ``in_minor`` count
    money in minor units.
    """
    teller = _Teller(
        facts, language, symbol=symbol, digits=digits, units=units or {}, in_minor=in_minor
    )
    told = [sentence for part in award.parts for sentence in teller.part(part)]
    return [*told, *teller.refusals(award.refusals)]


class _Teller:
    """One language, one currency, one activity."""

    def __init__(
        self,
        facts: Facts,
        language: Language,
        *,
        symbol: str,
        digits: int,
        units: Mapping[str, str],
        in_minor: Collection[str],
    ) -> None:
        self._facts = facts
        self._messages = MESSAGES[language]
        self._symbol = symbol
        self._digits = digits
        self._units = units
        self._in_minor = in_minor

    def part(self, part: Part) -> Iterator[str]:
        """How the part came about, and what bounds left of it."""
        if part.exact is None or part.rate is None:
            before = part.points + sum(part.bounded.values())
            yield self._say(
                "bonus",
                rule=part.rule,
                points=self._count(part.unit, before),
                unit=self._unit(part.unit),
            )
        else:
            before = part.rounded or 0
            yield self._say(
                "base",
                rule=part.rule,
                arithmetic=self._arithmetic(part, part.rate),
                exact=_exact(part.exact),
                rounded=self._count(part.unit, before),
                unit=self._unit(part.unit),
                rounding=self._rounding(part.rounding),
            )
        if part.bounded:
            yield self._say(
                "bounded",
                rule=part.rule,
                before=self._count(part.unit, before),
                took=" − ".join(self._count(part.unit, points) for points in part.bounded.values()),
                points=self._count(part.unit, part.points),
                unit=self._unit(part.unit),
            )

    def refusals(self, refusals: Sequence[Refusal]) -> Iterator[str]:
        """Why something earned nothing or less; lines with the same reason in one sentence."""
        lines: dict[tuple[str, str], list[str]] = {}
        for refusal in refusals:
            if refusal.code == "line_excluded":
                why = (refusal.fields["why"], refusal.fields["what"])
                lines.setdefault(why, []).append(str(refusal.fields["line"] + 1))
            else:
                yield self._refusal(refusal)
        for (reason, what), numbers in lines.items():
            named = f"line:{what}" if reason == "kind" else f"why:{reason}"
            yield self._say(
                "line_excluded", what=self._say(named, what=what), lines=", ".join(numbers)
            )

    def _refusal(self, refusal: Refusal) -> str:
        fields: dict[str, Any] = {**refusal.fields, "rule": refusal.rule}
        code = refusal.code
        if "per" in fields:
            code = f"{code}:{fields['per']}"
        if "unit" in fields:
            fields["unit"] = self._unit(fields["unit"])
        if "exact" in fields:
            fields["exact"] = _decimal(*fields["exact"])[0]
            fields["rounding"] = self._rounding(fields["rounding"])
        if "counted_minor" in fields:
            fields["counted"] = self._money(fields["counted_minor"])
        for several in ("segments", "tags"):
            if several in fields:
                fields[several] = ", ".join(fields[several])
        if fields.get("after") == "":
            fields["after"] = self._say("no_tier")
        if "kind" in fields:
            kind, _, name = fields["kind"].partition(":")
            fields["kind"] = self._say(f"facts:{kind}", name=name)
        return self._say(code, **fields)

    def _arithmetic(self, part: Part, rate: tuple[int, int]) -> str:
        """Money × rate × factors, in the order in which they were applied."""
        points, per_minor = rate
        plain = all(not named for _, _, named in part.lines)
        bands = " + ".join(
            f"{self._fraction(numerator, denominator)} × {multiplier}"
            for numerator, denominator, multiplier in part.bands
        )
        amounts = bands if bands and plain else self._amounts(part)
        several = " + " in amounts or (" × " in amounts and bool(bands))
        told = self._say(
            "rate",
            amounts=f"({amounts})" if several else amounts,
            points=points,
            money=self._money(per_minor),
        )
        if bands and not plain:
            total = sum(numerator for numerator, _, _ in part.bands)
            told += self._say("mean", bands=bands, money=self._fraction(total, part.bands[0][1]))
        paid_in_bands = bool(bands) and plain
        return told + "".join(
            self._factor(name, text)
            for name, text in part.factors
            if not (paid_in_bands and name == "paid")
        )

    def _amounts(self, part: Part) -> str:
        """The counted money, lines with the same factors together."""
        sums: dict[Named, int] = {}
        for _, basis, named in part.lines:
            factors = tuple((name, text) for name, text in named)
            sums[factors] = sums.get(factors, 0) + basis
        return " + ".join(
            self._money(basis) + "".join(self._factor(name, text) for name, text in factors)
            for factors, basis in sums.items()
        )

    def _factor(self, name: str, text: str) -> str:
        kind, _, rule = name.partition(":")
        if kind == "paid":
            paid, net = text.split("/")
            return self._say("paid", paid=self._money(int(paid)), net=self._money(int(net)))
        told = self._facts.tier if kind == "tier" else rule
        return self._say("factor", name=told, multiplier=text)

    def _rounding(self, text: str) -> str:
        mode, _, per = text.partition("/")
        return self._say(f"rounding:{per}", mode=self._say(f"mode:{mode}"))

    def _count(self, unit: str, points: int) -> str:
        """So many of a unit; money of a unit that counts it."""
        return self._money(points) if unit in self._in_minor else str(points)

    def _unit(self, code: str) -> str:
        return self._units.get(code) or self._messages.get(f"unit:{code}", code)

    def _money(self, minor: int) -> str:
        return money(minor, self._symbol, self._digits)

    def _fraction(self, numerator: int, denominator: int) -> str:
        """An amount that may have fractions of the minor unit."""
        if numerator % denominator == 0:
            return self._money(numerator // denominator)
        text, exact = _decimal(numerator, denominator * 10**self._digits)
        return f"{self._symbol}{text}" + ("" if exact else "…")

    def _say(self, key: str, **fields: Any) -> str:
        return self._messages[key].format(**fields)


def _exact(fraction: tuple[int, int]) -> str:
    """``= 299.985``, or ``≈ 4.2253`` where the decimals never end."""
    text, exact = _decimal(*fraction)
    return f"= {text}" if exact else f"≈ {text}"


def _decimal(numerator: int, denominator: int) -> tuple[str, bool]:
    """The fraction as a decimal, cut after some places when it does not end; whether it does."""
    places = next((k for k in range(_LONGEST) if 10**k * numerator % denominator == 0), None)
    shown = _PLACES if places is None else places
    whole, rest = divmod(numerator * 10**shown // denominator, 10**shown)
    return (f"{whole}.{rest:0{shown}}" if shown else str(whole)), places is not None
