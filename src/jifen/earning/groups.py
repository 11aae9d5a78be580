"""Which segments and tags of those that rules name the members of a batch have.

Read under the locks, once for the batch: what an earlier item of it does to a segment, a later one
does not see. Segments are chosen by a room above this one, which says at the start how.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from msgspec import Struct

from jifen.earning.rules.policy import Policy
from jifen.earning.state import Groups, State
from jifen.members import selectors as members


class Segments(Protocol):
    """What the rules ask of segments."""

    def codes(self) -> set[str]:
        """Every segment of the programme, by code."""

    def kept(self) -> set[str]:
        """The same; none of them goes away before the open
        transaction ends."""

    def among(
        self,
        codes: Collection[str],
        members: Collection[UUID],
        *,
        at: datetime,
        zone: ZoneInfo,
        stores: Mapping[str, UUID],
    ) -> dict[str, set[UUID]]:
        """Those of ``members`` who are in each segment at ``at``, in one statement for a segment;
        nobody is in one that is gone."""


class _Source(Struct):
    segments: Segments | None = None


_SOURCE = _Source()


def provide(segments: Segments) -> None:
    """Say who chooses members, once, when the process starts."""
    _SOURCE.segments = segments


def segments() -> Segments:
    """Who chooses members."""
    if _SOURCE.segments is None:
        raise RuntimeError("nobody has said what segments are")
    return _SOURCE.segments


def find_groups(state: State, wanted: Collection[UUID]) -> dict[UUID, Groups]:
    """What of these members the rules in force, and those of held orders, ask for."""
    policies = _policies(state)
    named = {code for policy in policies for code in policy.segments}
    tags = {tag for policy in policies for tag in policy.tags}
    if not named and not tags:
        return {}
    settings = state.context.settings
    chosen = {}
    if named:
        stores = {code: store.id for code, store in settings.stores.items()}
        chosen = segments().among(
            sorted(named), wanted, at=state.at, zone=settings.zone, stores=stores
        )
    tagged = members.tagged(wanted, tags) if tags else {}
    return {
        member_id: Groups(
            tuple(code for code, found in chosen.items() if member_id in found),
            tuple(tag for tag in sorted(tags) if member_id in tagged[tag]),
        )
        for member_id in wanted
    }


def _policies(state: State) -> list[Policy]:
    held = (earlier.record.held_order for earlier in state.earlier.values())
    versions = {order.version for order in held if order is not None}
    return [state.context.policy, *map(state.context.policy_of, sorted(versions))]
