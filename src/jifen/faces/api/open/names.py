"""Names beside the ids of members that a list holds, for callers who may read members."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated
from uuid import UUID

from msgspec import Meta

from jifen.faces.api.controllers import ApiController
from jifen.members import selectors as members

Names = Annotated[
    dict[UUID, str],
    Meta(
        description="Names of the members on the page, by id, of those who have one; none without "
        "the right `members.read`."
    ),
]


def names_of(ids: Iterable[UUID | None], *, caller: ApiController) -> Names:
    """The names of these members, as far as the caller may read them."""
    if not caller.may("members.read"):
        return {}
    return members.names({member_id for member_id in ids if member_id is not None})
