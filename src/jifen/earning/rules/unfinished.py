"""A rule set while it is written: all that is wrong with it, and what can be told of it already.

A draft may hold anything. What has not the shape of a document is read part by part, each rule and
each section by itself, so that one fault does not hide the others.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Any, Final, get_type_hints

import msgspec
from msgspec import Struct

from jifen.earning.rules.config import Fault
from jifen.earning.rules.document import Document, InvalidRuleSet, check, read
from jifen.earning.rules.ladder import Ladder
from jifen.earning.rules.messages import Language
from jifen.earning.rules.registry import Rule
from jifen.earning.rules.wording import LANGUAGES, Words

_MISSING: Final = re.compile(r"^Object missing required field `(?P<field>[^`]*)`$")
_UNKNOWN: Final = re.compile(r"^Object contains unknown field `(?P<field>[^`]*)`$")
_SECTIONS: Final = get_type_hints(Document, include_extras=True)


class Told(Struct, frozen=True):
    """What members read of one part of a rule set, in both languages."""

    path: str
    zh: str
    en: str


def faults(
    source: Mapping[str, Any],
    *,
    units: Mapping[str, str] | None = None,
    merchants: Collection[str] | None = None,
    stores: Collection[str] = (),
    segments: Collection[str] | None = None,
) -> list[Fault]:
    """Everything wrong with a draft: why it has not the shape of a document, or else for what it
    could not be published."""
    try:
        document = read(source)
    except InvalidRuleSet as error:
        whole = _placed(str(error.fields["path"]), error.detail)
        return list(_shape_faults(source)) or [whole]
    return list(check(document, units=units, merchants=merchants, stores=stores, segments=segments))


def tell(source: Mapping[str, Any], words: Mapping[Language, Words]) -> list[Told]:
    """What members read of each rule, of how long points are good and of what they pay, as far as
    the draft says it already. ``words`` are those of each language."""
    told = []
    for path, part in _readable(source):
        sentences = {language: part(words[language]) for language in LANGUAGES}
        english = sentences["en"]
        told.append(Told(path, sentences["zh"], english[:1].upper() + english[1:]))
    return told


def tier_names(source: Mapping[str, Any], language: Language) -> dict[str, str]:
    """Names of the tiers by code, as far as the draft has them."""
    ladder = _part(source.get("ladder"), Ladder)
    return {rung.code: getattr(rung.name, language) for rung in ladder.rungs} if ladder else {}


def units_given(source: Mapping[str, Any]) -> dict[str, str]:
    """The unit that a rule gives, by the rule's code, as far as the draft says it."""
    rules = source.get("rules")
    read_rules = [_part(raw, Rule) for raw in (rules if isinstance(rules, list | tuple) else ())]
    return {
        rule.code: unit for rule in read_rules if (unit := getattr(rule, "unit", None)) is not None
    }


def _readable(source: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Path and sentence of everything that can be told."""
    rules = source.get("rules")
    for index, raw in enumerate(rules if isinstance(rules, list | tuple) else ()):
        rule = _part(raw, Rule)
        if rule is not None:
            yield f"$.rules[{index}]", rule.sentence
    for unit, expiry in (_part(source.get("expiry", {}), _SECTIONS["expiry"]) or {}).items():
        yield f"$.expiry.{unit}", lambda words, unit=unit, of=expiry: of.sentence(unit, words)
    offset = _part(source.get("offset"), _SECTIONS["offset"])
    if offset is not None:
        yield "$.offset", offset.sentence


def _part(raw: Any, kind: Any) -> Any:
    try:
        return msgspec.convert(raw, kind)
    except (msgspec.ValidationError, RecursionError):
        return None


def _shape_faults(source: Mapping[str, Any]) -> Iterator[Fault]:
    for name, raw in source.items():
        if name not in _SECTIONS:
            yield f"$.{name}", "Object contains unknown field"
        elif name == "rules" and isinstance(raw, list | tuple):
            for index, rule in enumerate(raw):
                yield from _fault(rule, Rule, f"$.rules[{index}]")
        elif isinstance(raw, dict) and name in _BY_CODE:
            for code, each in raw.items():
                yield from _fault({code: each}, _SECTIONS[name], f"$.{name}", code)
        else:
            yield from _fault(raw, _SECTIONS[name], f"$.{name}")


_BY_CODE: Final = frozenset(
    {
        *("expiry", "pending", "transfers", "notices", "clears"),
        *("coupons", "passes", "conversions"),
    }
)
"""Sections that are tables by code."""


def _fault(raw: Any, kind: Any, place: str, code: str | None = None) -> Iterator[Fault]:
    try:
        msgspec.convert(raw, kind)
    except msgspec.ValidationError as error:
        detail, _, at = str(error).partition(" - at `")
        at = at.removesuffix("`").removeprefix("key in ").removeprefix("$")
        if code is not None:
            # Of a table's entry msgspec says [...], whichever it was.
            at = f".{code}{at.removeprefix('[...]')}"
        yield _placed(f"{place}{at}", detail)
    except RecursionError:
        yield place, "nested too deep"


def _placed(path: str, detail: str) -> Fault:
    """The fault at the field that it is about: one that is missing, or should be."""
    for pattern in (_MISSING, _UNKNOWN):
        found = pattern.match(detail)
        if found:
            return f"{path}.{found['field']}", detail
    return path, detail
