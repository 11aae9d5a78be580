"""What was booked, and why it gave what it gave: to a caller with stores, of those only."""

from __future__ import annotations

from uuid import UUID

from dmr import Path, Query, modify
from msgspec import Struct

from jifen.earning import selectors as earning
from jifen.earning.types import ActivityInfo, Explanation
from jifen.faces.api import cursors, problems
from jifen.faces.api.controllers import ApiController
from jifen.faces.api.open import answers
from jifen.faces.api.open.members import MemberPath
from jifen.members import selectors as members


class ActivityPath(Struct, frozen=True):
    """The activity's id."""

    activity_id: UUID


class OneActivity(ApiController):
    """One activity."""

    tags = ("activities",)

    @modify(operation_id="getActivity")
    def get(self, parsed_path: Path[ActivityPath]) -> ActivityInfo:
        """Read an activity as it was booked, with its award."""
        return earning.activity(parsed_path.activity_id, stores=self.client.stores)


class ActivityExplanation(ApiController):
    """Why an activity gave what it gave."""

    tags = ("activities",)

    @modify(operation_id="explainActivity")
    def get(self, parsed_path: Path[ActivityPath]) -> Explanation:
        """Explain an activity: in sentences (Accept-Language: en or zh), and by its facts.

        ``facts`` are the inputs that the rules used, ``award`` the arithmetic and the refusals,
        ``postings`` what moved in the ledger, ``related`` the order of a refund and the refunds
        and claims of an order.
        """
        accepted = self.request.META.get("HTTP_ACCEPT_LANGUAGE", "")
        return earning.explain(
            parsed_path.activity_id,
            language=problems.language_of(accepted),
            stores=self.client.stores,
        )


class MemberActivities(ApiController):
    """A member's activities."""

    tags = ("activities",)

    @modify(operation_id="listActivities")
    def get(
        self, parsed_path: Path[MemberPath], parsed_query: Query[answers.Page]
    ) -> answers.Activities:
        """List a member's activities, the newest first."""
        member = members.member(parsed_path.member_id)
        found = earning.activities(
            member_id=member.id,
            before=cursors.read_id(parsed_query.cursor),
            limit=parsed_query.limit + 1,
            stores=self.client.stores,
        )
        page = found[: parsed_query.limit]
        more = len(found) > len(page)
        return answers.Activities(
            activities=page,
            next_cursor=cursors.after_id(page[-1].id) if more else None,
        )
