"""Acts on points, for tests: held, captured, released, transferred, given, confirmed."""

import uuid
from typing import Any

from tests.world import World, ref

from jifen.earning.types import (
    Acceptance,
    Capture,
    Confirmation,
    Decline,
    ExpiryUndo,
    Gift,
    Hold,
    OrderRef,
    Purchase,
    Release,
    Transfer,
    Waiver,
)


def _given(world: World, changes: dict[str, Any], **values: Any) -> dict[str, Any]:
    common = {"key": uuid.uuid4().hex, "occurred_at": world.at}
    return {**common, **values, **changes}


def confirmation(world: World, order: Purchase, **changes: Any) -> Confirmation:
    """The order was delivered."""
    of = OrderRef(order.reference, store=order.store)
    return Confirmation(**_given(world, changes, of=of))


def hold(world: World, member: uuid.UUID, points: int, minutes: int = 30, **changes: Any) -> Hold:
    """Points are reserved."""
    values: dict[str, Any] = {"member": ref(member), "unit": "points", "points": points}
    values |= {"minutes": minutes, "reference": uuid.uuid4().hex}
    return Hold(**_given(world, changes, **values))


def capture(world: World, of: uuid.UUID, points: int | None = None, **changes: Any) -> Capture:
    """What is reserved is taken."""
    return Capture(**_given(world, changes, of=of, points=points))


def release(world: World, of: uuid.UUID, points: int | None = None, **changes: Any) -> Release:
    """What is reserved goes back."""
    return Release(**_given(world, changes, of=of, points=points))


def transfer(
    world: World, giver: uuid.UUID, taker: uuid.UUID, points: int, **changes: Any
) -> Transfer:
    """Points from one member to another."""
    values: dict[str, Any] = {"member": ref(giver), "to": ref(taker), "unit": "points"}
    return Transfer(**_given(world, changes, points=points, **values))


def acceptance(world: World, of: uuid.UUID, member: uuid.UUID, **changes: Any) -> Acceptance:
    """The receiver takes what is offered."""
    return Acceptance(**_given(world, changes, of=of, member=ref(member)))


def decline(world: World, of: uuid.UUID, member: uuid.UUID, **changes: Any) -> Decline:
    """Somebody does not."""
    return Decline(**_given(world, changes, of=of, member=ref(member)))


def gift(world: World, member: uuid.UUID, points: int, **changes: Any) -> Gift:
    """Staff gives."""
    values: dict[str, Any] = {"member": ref(member), "unit": "points", "points": points}
    return Gift(**_given(world, changes, reason="a birthday", actor="tester", **values))


def waiver(world: World, member: uuid.UUID, points: int | None = None, **changes: Any) -> Waiver:
    """Staff forgives."""
    values: dict[str, Any] = {"member": ref(member), "unit": "points", "points": points}
    return Waiver(**_given(world, changes, reason="our mistake", actor="tester", **values))


def expiry_undo(
    world: World, member: uuid.UUID, transaction_id: uuid.UUID, expires_at: Any, **changes: Any
) -> ExpiryUndo:
    """Staff gives back what expired."""
    values: dict[str, Any] = {"transaction_id": transaction_id, "expires_at": expires_at}
    given = _given(world, changes, member=ref(member), **values)
    return ExpiryUndo(**{"reason": "the till was down", "actor": "tester", **given})
