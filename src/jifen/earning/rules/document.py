"""The document of a rule set: its published shape, read strictly and checked as a whole.

Unknown fields, floats and references to nothing are refused with the path of the fault, so a
document that decodes also compiles.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from typing import Annotated, Any, Final, Literal

import msgspec
from msgspec import Meta, Struct

from jifen.common.errors import InvalidInput
from jifen.common.schemas import prose
from jifen.earning.rules import benefits as benefit_rules
from jifen.earning.rules import owning
from jifen.earning.rules.behaviour import Behaviour
from jifen.earning.rules.benefits import Benefit
from jifen.earning.rules.bounds import BUDGET, crossing
from jifen.earning.rules.clears import Clear
from jifen.earning.rules.config import BaseRule, FactorRule, Fault, GivingRule, Known
from jifen.earning.rules.conversions import CONVERSION, Conversion, ConversionCode
from jifen.earning.rules.coupons import Coupon
from jifen.earning.rules.expiry import Expiry, Never
from jifen.earning.rules.factors import Combine
from jifen.earning.rules.ladder import Ladder
from jifen.earning.rules.membership import Membership
from jifen.earning.rules.notices import Notices
from jifen.earning.rules.offset import Offset
from jifen.earning.rules.only import only_of, segment_faults
from jifen.earning.rules.passes import Pass
from jifen.earning.rules.pending import KINDS as PENDING_KINDS
from jifen.earning.rules.pending import Pending
from jifen.earning.rules.plan import Plan
from jifen.earning.rules.registry import Rule
from jifen.earning.rules.rounding import Rounding
from jifen.earning.rules.stored_value import StoredValue
from jifen.earning.rules.transfers import TRANSFER, Transfers, TransferUnit
from jifen.earning.types import Code, LineKind

MAX_RULES: Final = 200
_EXPIRING: Final = ("points", "stored", "bonus", "pass")
"""Kinds of unit that may expire; growth does not."""
_PATH: Final = re.compile(r"^(?P<detail>.*) - at `(?:key in )?(?P<path>[^`]*)`$", re.DOTALL)


class InvalidRuleSet(InvalidInput):
    """The document is not a rule set. ``fields["path"]`` is where: ``$.rules[2].points``."""

    code = "invalid_rule_set"


class Basis(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Which money earns: ``gross`` before discounts, ``net`` after them, ``paid`` also after
    points paid; and which kinds of line."""

    amount: Literal["gross", "net", "paid"] = "paid"
    kinds: Annotated[tuple[LineKind, ...], Meta(min_length=1)] = ("goods", "service")


class Document(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A rule set: how members of a programme earn, climb, keep and pay with points."""

    rules: Annotated[tuple[Rule, ...], Meta(max_length=MAX_RULES)] = ()
    combine: Annotated[
        Combine,
        Meta(description="multiply tier and promotions, or take the best one of them"),
    ] = "multiply"
    rounding: Rounding = Rounding()
    basis: Basis = Basis()
    ladder: Ladder | None = None
    benefits: Annotated[
        tuple[Benefit, ...], Meta(max_length=200, description="What each tier gives.")
    ] = ()
    expiry: Annotated[
        dict[Code, Expiry],
        Meta(max_length=50, description="By unit; a unit that is not named never expires."),
    ] = {}
    pending: Annotated[
        dict[Code, Pending],
        Meta(max_length=50, description="By unit; what is not named is spendable at once."),
    ] = {}
    deficit: Annotated[
        Literal["allow", "refuse"],
        Meta(description="Whether a refund may leave a member owing points."),
    ] = "allow"
    transfers: Annotated[
        dict[TransferUnit, Transfers],
        Meta(max_length=50, description="By unit; one that is not named is not transferred."),
    ] = {}
    notices: Annotated[
        dict[Code, Notices], Meta(max_length=50, description="By unit, before its points end.")
    ] = {}
    clears: Annotated[
        dict[Code, Clear], Meta(max_length=50, description="By unit, days on which all of it ends.")
    ] = {}
    offset: Offset | None = None
    membership: Membership = Membership()
    stored_value: StoredValue | None = None
    coupons: Annotated[
        dict[Code, Coupon], Meta(max_length=1_000, description="Kinds of coupon, by code.")
    ] = {}
    passes: Annotated[
        dict[Code, Pass], Meta(max_length=200, description="By unit of kind pass.")
    ] = {}
    conversions: Annotated[
        dict[ConversionCode, Conversion], Meta(max_length=200, description="By code.")
    ] = {}

    def plan(self) -> Plan:
        """The rules by role."""
        plan = Plan()
        for rule in self.rules:
            rule.compile(plan)
            only = only_of(rule)
            if only is not None:
                plan.only[rule.code] = only
        return plan


# Seen by msgspec now, in one thread: two that look into a type for the first time can crash.
_READY: Final = msgspec.json.Decoder(Document)


def read(source: Mapping[str, Any] | bytes) -> Document:
    """The document in ``source`` as it is. What was published once is read so for ever, also
    when a later release would no longer publish it.

    Raises InvalidRuleSet for what has not the shape of a document.
    """
    try:
        if isinstance(source, bytes):
            return _READY.decode(source)
        return msgspec.convert(dict(source), Document)
    except msgspec.ValidationError as error:
        detail, path = _told(str(error))
        raise InvalidRuleSet(detail, path=path) from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise InvalidRuleSet(f"not JSON: {error}", path="$") from error
    except RecursionError as error:
        raise InvalidRuleSet("nested too deep", path="$") from error


def decode(
    source: Mapping[str, Any] | bytes,
    *,
    units: Mapping[str, str] | None = None,
    merchants: Collection[str] | None = None,
    stores: Collection[str] = (),
    segments: Collection[str] | None = None,
) -> Document:
    """The document in ``source``, checked; with ``units`` (code → kind), every unit must be one of
    them and of the right kind: growth is neither spent nor lost, and a ladder counts nothing else,
    or spending would demote. With ``merchants``, every place it names must be there; with
    ``segments``, every segment.

    Raises InvalidRuleSet.
    """
    document = read(source)
    found = check(document, units=units, merchants=merchants, stores=stores, segments=segments)
    for path, detail in found:
        raise InvalidRuleSet(detail, path=path)
    return document


def check(
    document: Document,
    *,
    units: Mapping[str, str] | None = None,
    merchants: Collection[str] | None = None,
    stores: Collection[str] = (),
    segments: Collection[str] | None = None,
) -> Iterator[Fault]:
    """Everything for which ``decode`` would refuse the document, in the order of reading."""
    yield from _faults(document, units)
    if merchants is not None:
        yield from owning.place_faults(document, merchants, stores)
    if segments is not None:
        yield from segment_faults(document, segments)


def encode(document: Document) -> bytes:
    """JSON of ``document``, the same bytes for the same rule set: keys sorted, defaults left
    out. ``decode`` reads it back."""
    return msgspec.json.encode(document, order="sorted")


def schema() -> dict[str, Any]:
    """The JSON schema of a document; ``$defs`` has one entry for each struct."""
    return prose(msgspec.json.schema(Document))


def _told(message: str) -> tuple[str, str]:
    """Msgspec's sentence and its path."""
    found = _PATH.match(message)
    return (found["detail"], found["path"]) if found else (message, "$")


def _faults(document: Document, units: Mapping[str, str] | None) -> Iterator[Fault]:
    """Everything wrong with the document as a whole, in the order of reading."""
    yield from _code_faults(document)
    known = _known(document)
    for index, rule in enumerate(document.rules):
        for path, detail in rule.faults(known):
            yield f"$.rules[{index}]{path}", detail
    yield from _table_faults(document)
    yield from _ladder_faults(document)
    yield from benefit_rules.faults(document.benefits, known.rungs)
    yield from owning.section_faults(document)
    crossed = crossing(document.plan())
    if crossed is not None:
        yield "$.rules", f"caps {crossed[0]!r} and {crossed[1]!r} cross: let one hold the other"
    if units is not None:
        yield from _unit_faults(document, units)


def _known(document: Document) -> Known:
    giving = [rule for rule in document.rules if isinstance(rule, GivingRule)]
    return Known(
        bases=frozenset(rule.code for rule in giving if isinstance(rule, BaseRule)),
        units_by_rule={giver.code: giver.unit for giver in document.plan().givers},
        order_rules=frozenset(
            giver.code for giver in document.plan().givers if giver.facts_kind == "purchase"
        ),
        rungs=frozenset(rung.code for rung in document.ladder.rungs)
        if document.ladder
        else frozenset(),
    )


def _code_faults(document: Document) -> Iterator[Fault]:
    seen: set[str] = set()
    for index, rule in enumerate(document.rules):
        if rule.code in seen:
            yield f"$.rules[{index}].code", f"two rules have the code {rule.code!r}"
        for taken in (BUDGET, CONVERSION, TRANSFER):
            if rule.code.startswith(taken):
                yield f"$.rules[{index}].code", f"a code may not begin with {taken!r}"
        seen.add(rule.code)


def _table_faults(document: Document) -> Iterator[Fault]:
    """A category, product or tier has one multiplier for each base rule."""
    bases = {rule.code: None for rule in document.rules if isinstance(rule, BaseRule)}
    seen: Counter[tuple[str, str, str]] = Counter()
    for index, rule in enumerate(document.rules):
        table = getattr(rule, "multipliers", None)
        if table is None or not isinstance(rule, FactorRule):
            continue
        for name in table:
            for base in rule.rules or bases:
                seen[(type(rule).__name__, name, base)] += 1
                if seen[(type(rule).__name__, name, base)] > 1:
                    path = f"$.rules[{index}].multipliers.{name}"
                    yield path, f"{name!r} has another multiplier already"


def _ladder_faults(document: Document) -> Iterator[Fault]:
    """Growth for reaching a tier would carry the member to the next, and outlast a refund."""
    counted = document.ladder.unit if document.ladder is not None else None
    for index, rule in enumerate(document.rules):
        if not isinstance(rule, Behaviour) or not rule.on.startswith("tier_reached:"):
            continue
        if rule.unit == counted:
            yield f"$.rules[{index}].unit", f"reaching a tier gives no {counted!r}: it counts"


def _unit_faults(document: Document, units: Mapping[str, str]) -> Iterator[Fault]:
    for index, rule in enumerate(document.rules):
        unit = getattr(rule, "unit", None)
        if unit is not None and unit not in units:
            yield f"$.rules[{index}].unit", f"the programme has no unit {unit!r}"
    unit = document.ladder.unit if document.ladder is not None else None
    if unit is not None:
        yield from owning.kind_faults("$.ladder.unit", unit, units, ("growth",))
    for unit, expiry in document.expiry.items():
        kinds = set(units.values()) if isinstance(expiry, Never) else _EXPIRING
        yield from owning.kind_faults(f"$.expiry.{unit}", unit, units, kinds)
    for section, named in (("notices", document.notices), ("clears", document.clears)):
        for unit in named:
            yield from owning.kind_faults(f"$.{section}.{unit}", unit, units, _EXPIRING)
    for unit in document.pending:
        yield from owning.kind_faults(f"$.pending.{unit}", unit, units, PENDING_KINDS)
    for unit in document.transfers:
        yield from owning.kind_faults(f"$.transfers.{unit}", unit, units, ("points",))
    if document.offset is not None:
        yield from owning.kind_faults("$.offset.unit", document.offset.unit, units, ("points",))
    yield from owning.unit_faults(document, units)
