"""A rule set tried while it is written."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Any, Final

import msgspec
from dmr import modify
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import Meta, Struct

from jifen.audience import selectors as audience
from jifen.common import clock
from jifen.earning import selectors as earning
from jifen.earning.types import Code, Line, Minor
from jifen.faces.api import decoding, problems
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open.rule_sets import check_depth
from jifen.faces.api.titles import TITLES

MOST_LINES: Final = 200
_INVALID: Final = "invalid_rule_set"

Local = Annotated[
    datetime, Meta(tz=False, description="Local time in the programme's zone, without a zone.")
]


class TrialOrder(Struct, frozen=True, forbid_unknown_fields=True, omit_defaults=True):
    """An order to try: its ``lines``, or only its ``amount_minor``; where (the first store without
    one) and when (now without); and what rules ask of the member: whether it is the first order,
    or on the birthday, and the member's segments and tags."""

    amount_minor: Minor = 0
    lines: Annotated[tuple[Line, ...], Meta(max_length=MOST_LINES)] = ()
    store: Code | None = None
    local: Local | None = None
    first_order: bool = False
    is_birthday: bool = False
    segments: Annotated[tuple[Code, ...], Meta(max_length=200)] = ()
    tags: Annotated[tuple[str, ...], Meta(max_length=200)] = ()


class Trying(Struct, frozen=True, forbid_unknown_fields=True):
    """A rule set as it is being edited, and the order to try it on."""

    document: dict[str, Any]
    order: TrialOrder = TrialOrder()


class DocumentFault(Struct, frozen=True):
    """What is wrong at one place of a document: a stable ``code`` with its ``title`` in the
    caller's language, and an English sentence about this case."""

    path: str
    code: str
    title: str
    detail: str


class RuleSetTrial(Struct, frozen=True):
    """``faults`` are what the document could not be published with; ``told`` is what members would
    read, in both languages; ``tiers`` is what each tier would get, no tier first: it is empty as
    long as there are faults."""

    faults: list[DocumentFault]
    told: list[earning.Told]
    tiers: list[earning.TriedTier]


class RuleSetTrials(ApiController):
    """Trying a rule set."""

    tags = ("rule sets",)

    @modify(status_code=HTTPStatus.OK, operation_id="tryRuleSet")
    def post(self, parsed_body: BodyMsgspec[Trying]) -> RuleSetTrial:
        """Try a rule set, which may be unfinished, on one order for each tier of its ladder.

        The same decision as booking, with its arithmetic; caps and budgets have all of their room.
        Nothing is written.
        """
        check_depth(parsed_body.document)
        language = problems.language_of(self.request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
        order = parsed_body.order
        found = earning.trial(
            document=parsed_body.document,
            amount_minor=order.amount_minor,
            lines=order.lines,
            store=order.store,
            local=order.local,
            first_order=order.first_order,
            is_birthday=order.is_birthday,
            of_segments=order.segments,
            tags=order.tags,
            segment_names={each.code: each.name for each in audience.segments()},
            language=language,
            at=clock.now(),
        )
        return RuleSetTrial(
            faults=[_fault(each, language) for each in found.faults],
            told=found.told,
            tiers=found.tiers,
        )


def _fault(each: earning.Faulty, language: problems.Language) -> DocumentFault:
    """A fault by the name that a body with it would be refused under."""
    code = decoding.fault(msgspec.ValidationError(each.detail)).code
    if code == "invalid_input":
        code = _INVALID
    titles: Mapping[str, str] = TITLES[code]
    return DocumentFault(each.path, code, titles[language], each.detail)
