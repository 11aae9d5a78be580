"""The caller's programme: its settings, and whether its books are right."""

from __future__ import annotations

from http import HTTPStatus

from dmr import modify

from jifen.earning import selectors as rules
from jifen.earning import services as earning
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open import answers
from jifen.ledger.types import Verdict
from jifen.programmes import selectors as programmes


class Programme(ApiController):
    """The programme of the caller's key."""

    tags = ("programme",)

    @modify(operation_id="getProgramme")
    def get(self) -> answers.Programme:
        """Read the programme's settings, stores, units and tiers."""
        info = programmes.programme()
        versions = programmes.rule_sets()
        tiers = rules.tier_names() if versions else {}
        return answers.Programme(
            code=info.code,
            name=info.name,
            time_zone=info.time_zone,
            currency=info.currency,
            opening_on=info.opening_on,
            claim_days=info.claim_days,
            rule_set_version=versions[0].version if versions else None,
            stores=[
                answers.Store(store.code, store.name) for store in programmes.stores().values()
            ],
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
