"""``bands``: the more an order is worth, the more its money earns."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Annotated, Literal

from msgspec import Meta, Struct

from jifen.earning.rules.config import BaseRule
from jifen.earning.rules.decimals import SCALE, Decimal4, plain, scaled
from jifen.earning.rules.plan import BandSteps, Giver, Plan
from jifen.earning.rules.wording import Words


class Band(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Money up to and with ``up_to_minor`` earns ``multiplier`` times; the last band is open."""

    multiplier: Decimal4
    up_to_minor: (
        Annotated[int, Meta(ge=1, le=10**15, description="Up to and with; absent: no end.")] | None
    ) = None


class Bands(BaseRule, frozen=True, kw_only=True, tag="bands"):
    """As ``rate``, times the multiplier of the band in which the order's counted money lies.

    ``marginal``: each part of the money earns as its own band says. ``whole``: all of it earns
    as the band of the total says. Multipliers must not fall, so that a bigger order never earns
    less and a refund never gives points.
    """

    mode: Annotated[Literal["marginal", "whole"], Meta(description="Each part, or all of it.")]
    bands: Annotated[tuple[Band, ...], Meta(min_length=1, max_length=100)]

    def __post_init__(self) -> None:
        """Bounds rise strictly, only the last is open, multipliers do not fall."""
        *bounded, last = self.bands
        if last.up_to_minor is not None or any(band.up_to_minor is None for band in bounded):
            raise ValueError("the last band, and only it, has no up_to_minor")
        bounds = [band.up_to_minor for band in bounded if band.up_to_minor is not None]
        if any(above <= below for below, above in pairwise(bounds)):
            raise ValueError("each up_to_minor must be above the one before")
        multipliers = [scaled(band.multiplier) for band in self.bands]
        if any(above < below for below, above in pairwise(multipliers)):
            raise ValueError("a band's multiplier must not be below the one before")

    def compile(self, plan: Plan) -> None:
        """A base."""
        plan.givers.append(
            Giver(code=self.code, unit=self.unit, facts_kind="purchase", budget=self.budget)
        )
        plan.bases.append(
            _Compiled(
                code=self.code,
                unit=self.unit,
                rate=(self.points, self.per_minor),
                whole=self.mode == "whole",
                steps=tuple(
                    (band.up_to_minor, scaled(band.multiplier), plain(scaled(band.multiplier)))
                    for band in self.bands
                ),
            )
        )

    def sentence(self, words: Words) -> str:
        """How much for how much money, band by band."""
        told = words.say(
            zh="每消费 {money} 得 {amount}，{whole}：{bands}",
            en="{amount} for every {money} spent, {whole}: {bands}",
            money=words.money(self.per_minor),
            amount=words.amount(self.unit, self.points),
            whole=words.choose(zh="整单按所在档计", en="times that of the order's band")
            if self.mode == "whole"
            else words.choose(zh="各段分别计", en="each part times that of its band"),
            bands=words.several(self._bands(words)),
        )
        return self.with_limits(told, words)

    def _bands(self, words: Words) -> Iterator[str]:
        below = 0
        for band in self.bands:
            times = words.times(band.multiplier)
            if band.up_to_minor is None:
                if not below:
                    yield times
                else:
                    above = words.money(below)
                    yield words.say(
                        zh="{above} 以上 {times}", en="{times} above {above}",
                        above=above, times=times,
                    )  # fmt: skip
            else:
                below = band.up_to_minor
                up_to = words.money(below)
                yield words.say(
                    zh="至 {up_to} {times}", en="{times} up to {up_to}", up_to=up_to, times=times
                )


@dataclass(frozen=True, kw_only=True, slots=True)
class _Compiled:
    code: str
    unit: str
    rate: tuple[int, int]
    whole: bool
    steps: tuple[tuple[int | None, int, str], ...]

    def banded(self, total: int, denominator: int) -> tuple[int, int, BandSteps] | None:
        """Σ money in a band × its multiplier ÷ all the money."""
        below, weighted, told = 0, 0, []
        for up_to_minor, multiplier, text in self.steps:
            bound = total if up_to_minor is None else min(total, up_to_minor * denominator)
            if self.whole:
                if bound == total:
                    return multiplier, SCALE, ((total, denominator, text),)
                continue
            weighted += (bound - below) * multiplier
            told.append((bound - below, denominator, text))
            if bound == total:
                break
            below = bound
        return weighted, SCALE * total, tuple(told)
