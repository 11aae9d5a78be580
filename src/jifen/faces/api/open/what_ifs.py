"""What a draft would have given for the last thirty days of the shop's own orders."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from dmr import Path, modify
from msgspec import Struct

from jifen.common import clock
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open.rule_sets import DraftPath
from jifen.faces.jobs.waking import wake
from jifen.insight import selectors, services
from jifen.insight.types import WhatIfInfo

JOB: Final = "jifen.what_ifs"


class LastWhatIf(Struct, frozen=True):
    """What was last asked of a draft; null if nobody has."""

    what_if: WhatIfInfo | None


class DraftWhatIf(ApiController):
    """The effect of a draft."""

    tags = ("rule sets",)

    @modify(operation_id="getWhatIf")
    def get(self, parsed_path: Path[DraftPath]) -> LastWhatIf:
        """Read what was last asked of a draft: how far it is, and its result once it is done."""
        return LastWhatIf(
            selectors.what_if(draft=parsed_path.name, stores=self.client.stores, at=clock.now())
        )

    @modify(status_code=HTTPStatus.OK, operation_id="startWhatIf")
    def post(self, parsed_path: Path[DraftPath]) -> WhatIfInfo:
        """Ask what a draft would have given for the orders and behaviours of the last thirty local
        days, at the stores that the caller works in.

        A job finds it out, with the same decision that books; nothing is booked. While it is being
        found out for the same document, asking again changes nothing."""
        found = services.start_what_if(
            draft=parsed_path.name,
            stores=self.client.stores,
            by=self.client.name,
            at=clock.now(),
        )
        wake(JOB, alone=False)
        return found
