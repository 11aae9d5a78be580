"""Whom a rule is for: everybody, or members of some segments, or with some tags."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jifen.earning.rules.config import Fault, ForSome
from jifen.earning.rules.promotion import Promotion
from jifen.earning.types import Facts, Refusal

if TYPE_CHECKING:
    from jifen.earning.rules.document import Document


@dataclass(frozen=True, slots=True)
class Only:
    """The members for whom a rule is: in one of the segments, if any is named, and with one of the
    tags, if any is named."""

    segments: tuple[str, ...]
    tags: tuple[str, ...]

    def refusal(self, rule: str, facts: Facts) -> Refusal | None:
        """Why the rule is not for this member; None where it is."""
        if self.segments and not set(self.segments) & set(facts.segments):
            return Refusal("not_in_segment", rule, {"segments": self.segments})
        if self.tags and not set(self.tags) & set(facts.tags):
            return Refusal("not_tagged", rule, {"tags": self.tags})
        return None


def only_of(rule: object) -> Only | None:
    """Whom this rule is for; None for everybody."""
    if isinstance(rule, ForSome | Promotion) and (rule.segments or rule.tags):
        return Only(rule.segments, rule.tags)
    return None


def segment_faults(document: Document, segments: Collection[str]) -> Iterator[Fault]:
    """Segments that the programme has not: a misspelt one would be for nobody."""
    for index, rule in enumerate(document.rules):
        only = only_of(rule)
        for place, code in enumerate(only.segments if only else ()):
            if code not in segments:
                yield (
                    f"$.rules[{index}].segments[{place}]",
                    f"the programme has no segment {code!r}",
                )
