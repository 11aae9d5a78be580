"""What is wrong with the sections about what members own: stored value, coupons, passes,
conversions, and with rules that give such units."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Final

from jifen.earning.rules.config import Fault
from jifen.earning.rules.conversions import ToCoupon, ToTier, ToUnit

if TYPE_CHECKING:
    from jifen.earning.rules.document import Document

_POINTS: Final = ("points",)
_GIVEN: Final = ("bonus", "pass", "points")
"""Kinds of unit that points may become. Principal is paid for, and growth is earned."""


def section_faults(document: Document) -> Iterator[Fault]:
    """What one section says of another that is not so."""
    tiers = {rung.code for rung in document.ladder.rungs} if document.ladder is not None else set()
    for code, conversion in document.conversions.items():
        path, to = f"$.conversions.{code}.to", conversion.to
        if isinstance(to, ToCoupon) and to.coupon not in document.coupons:
            yield f"{path}.coupon", f"the rule set has no kind of coupon {to.coupon!r}"
        elif isinstance(to, ToTier) and to.tier not in tiers:
            yield f"{path}.tier", f"the ladder has no tier {to.tier!r}"
        elif isinstance(to, ToUnit) and to.unit == conversion.unit:
            yield f"{path}.unit", "points do not become points of the same unit"


def unit_faults(document: Document, units: Mapping[str, str]) -> Iterator[Fault]:
    """Units that are not there, or of the wrong kind, or given though nothing says what they are
    good for."""
    stored = document.stored_value
    if stored is not None:
        yield from kind_faults("$.stored_value.principal", stored.principal, units, ("stored",))
        yield from kind_faults("$.stored_value.bonus", stored.bonus, units, ("bonus",))
    for unit in document.passes:
        yield from kind_faults(f"$.passes.{unit}", unit, units, ("pass",))
    for index, rule in enumerate(document.rules):
        given = getattr(rule, "unit", None)
        if given is not None:
            yield from _given_faults(f"$.rules[{index}].unit", given, units, document)
    for code, conversion in document.conversions.items():
        path, to = f"$.conversions.{code}", conversion.to
        yield from kind_faults(f"{path}.unit", conversion.unit, units, _POINTS)
        if isinstance(to, ToUnit):
            yield from kind_faults(f"{path}.to.unit", to.unit, units, _GIVEN)
            yield from _given_faults(f"{path}.to.unit", to.unit, units, document)


def place_faults(
    document: Document, merchants: Collection[str], stores: Collection[str]
) -> Iterator[Fault]:
    """Merchants and stores that the programme has not."""
    for unit, service in document.passes.items():
        for index, merchant in enumerate(service.merchants):
            if merchant not in merchants:
                yield (
                    f"$.passes.{unit}.merchants[{index}]",
                    f"the programme has no merchant {merchant!r}",
                )
    for code, coupon in document.coupons.items():
        for index, store in enumerate(coupon.stores):
            if store not in stores:
                yield f"$.coupons.{code}.stores[{index}]", f"the programme has no store {store!r}"


def kind_faults(
    path: str, unit: str, units: Mapping[str, str], kinds: Collection[str]
) -> Iterator[Fault]:
    """A unit that is not there, or of none of these kinds."""
    if unit not in units:
        yield path, f"the programme has no unit {unit!r}"
    elif units[unit] not in kinds:
        wanted = " or ".join(kinds)
        yield path, f"{unit!r} is a unit of {units[unit]}; this needs one of {wanted}"


def _given_faults(
    path: str, unit: str, units: Mapping[str, str], document: Document
) -> Iterator[Fault]:
    """Principal that nobody paid, bonus money that nothing is paid with, a pass for nowhere."""
    kind = units.get(unit)
    stored = document.stored_value
    if kind == "stored":
        yield path, f"{unit!r} holds money that members have paid: nothing gives it away"
    elif kind == "bonus" and (stored is None or stored.bonus != unit):
        yield path, f"nothing is paid with {unit!r}: it is not the bonus of $.stored_value"
    elif kind == "pass" and unit not in document.passes:
        yield path, f"{unit!r} is used nowhere: $.passes does not name it"
