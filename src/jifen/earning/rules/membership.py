"""What holds for membership itself."""

from __future__ import annotations

from typing import Annotated

from msgspec import Meta, Struct


class Membership(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """How long a mistake about who is who can be put right."""

    merge_undo_days: Annotated[
        int, Meta(ge=0, le=366, description="How long a merge of two members can be undone.")
    ] = 30
