"""The caller's programme: its settings, and whether its books are right."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated, cast

from dmr import modify
from dmr.plugins.msgspec import BodyMsgspec
from msgspec import Meta, Struct

from jifen.common import clock
from jifen.earning import selectors as rules
from jifen.earning import services as earning
from jifen.earning.types import MAX_POINTS, Reason
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open import answers
from jifen.faces.api.open.stores import every_store
from jifen.faces.api.serving import Request
from jifen.ledger.types import Verdict
from jifen.programmes import selectors as programmes
from jifen.programmes import services as programme_services
from jifen.programmes.types import ProgrammeInfo


class ProgrammeChanges(Struct, frozen=True, forbid_unknown_fields=True):
    """The limit above which a person needs a second one (null is none), and why it changes."""

    approval_above: Annotated[int, Meta(ge=0, le=MAX_POINTS)] | None
    reason: Reason


class Programme(ApiController):
    """The programme of the caller's key."""

    tags = ("programme",)

    @modify(operation_id="getProgramme")
    def get(self) -> answers.Programme:
        """Read the programme's settings, stores, units and tiers."""
        return _programme(programmes.programme())

    @modify(operation_id="changeProgramme")
    def patch(self, parsed_body: BodyMsgspec[ProgrammeChanges]) -> answers.Programme:
        """Change what the owner sets: above how many points a gift or an adjustment by a person
        needs a second one."""
        before = programmes.programme().approval_above
        info = programme_services.limit_people(approval_above=parsed_body.approval_above)
        request = cast("Request", self.request)
        request.changed = (
            {"approval_above": before},
            {"approval_above": info.approval_above, "reason": parsed_body.reason},
        )
        return _programme(info)


def _programme(info: ProgrammeInfo) -> answers.Programme:
    at = clock.now()
    versions = programmes.versions_from(at)
    tiers = rules.tier_names(at)
    return answers.Programme(
        code=info.code,
        name=info.name,
        time_zone=info.time_zone,
        currency=info.currency,
        opening_on=info.opening_on,
        claim_days=info.claim_days,
        approval_above=info.approval_above,
        rule_set_version=versions[0].version if versions else None,
        stores=every_store(),
        units=list(programmes.units().values()),
        tiers=[answers.TierName(code, name) for code, name in tiers.items()],
    )


class Verification(ApiController):
    """Whether every balance agrees with its postings, and every coupon with the activities."""

    tags = ("programme",)

    @modify(status_code=HTTPStatus.OK, operation_id="verify")
    def post(self) -> Verdict:
        """Check that points are conserved, and that coupons are what was done with them.

        Names the rows that are wrong."""
        return earning.verify()
