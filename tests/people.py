"""Acts on whole members, for tests: a merge and its undoing, leaving, being forgotten, freezing."""

import uuid
from datetime import datetime
from typing import Any

from tests.world import World, ref

from jifen.audience import services as audience
from jifen.earning.types import Erasure, Leave, Merge, MergeUndo
from jifen.members import selectors, services
from jifen.members.types import MemberInfo


def merge(world: World, survivor: uuid.UUID, other: uuid.UUID, **changes: Any) -> Merge:
    """``other`` becomes a part of ``survivor``."""
    values: dict[str, Any] = {
        "key": uuid.uuid4().hex,
        "occurred_at": world.at,
        "member": ref(survivor),
        "other": ref(other),
        "reason": "two cards",
        "actor": "tester",
    }
    return Merge(**{**values, **changes})


def undo(world: World, merge_id: uuid.UUID, *, key: str | None = None) -> MergeUndo:
    """The merge was a mistake."""
    with world.scope():
        return audience.undoing(
            merge_id=merge_id,
            key=key or uuid.uuid4().hex,
            reason="not the same",
            actor="tester",
            occurred_at=world.at,
        )


def leave(world: World, member: uuid.UUID, **changes: Any) -> Leave:
    """The member ends the membership."""
    values: dict[str, Any] = {
        "key": uuid.uuid4().hex,
        "occurred_at": world.at,
        "member": ref(member),
        "reason": "moves away",
        "actor": "tester",
    }
    return Leave(**{**values, **changes})


def erasure(world: World, member: uuid.UUID, **changes: Any) -> Erasure:
    """The member is to be forgotten."""
    values: dict[str, Any] = {
        "key": uuid.uuid4().hex,
        "occurred_at": world.at,
        "member": ref(member),
        "actor": "tester",
    }
    return Erasure(**{**values, **changes})


def freeze(
    world: World, member: uuid.UUID, at: datetime | None = None, *, reason: str = "a complaint"
) -> None:
    """Freeze the member."""
    with world.scope():
        services.freeze(member_id=member, actor="tester", reason=reason, at=at or world.at)


def unfreeze(world: World, member: uuid.UUID, at: datetime | None = None) -> None:
    """Unfreeze the member."""
    with world.scope():
        services.unfreeze(member_id=member, actor="tester", reason="all right", at=at or world.at)


def info(world: World, member: uuid.UUID) -> MemberInfo:
    """The member as it reads."""
    with world.scope():
        return selectors.member(member)
