"""Where a member stands: the tier in force, what the next one asks for, and benefits."""

from __future__ import annotations

from dmr import Path, modify

from jifen.common import clock
from jifen.earning import standing
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open.members import MemberPath


class MemberTier(ApiController):
    """A member's tier and benefits."""

    tags = ("members",)

    @modify(operation_id="getTier")
    def get(self, parsed_path: Path[MemberPath]) -> standing.MemberTier:
        """Read a member's tier as it stands now: why it is in force and until when, what keeps
        it, what the next one asks for, and the benefits with what is left of each."""
        return standing.tier_of(member_id=parsed_path.member_id, at=clock.now())
