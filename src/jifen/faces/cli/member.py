"""``jifen member``: find a member; freeze, merge, end a membership, forget a person.

A member is named as everywhere on the command line: an external id, or ``phone:…``, ``card:…``,
``email:…``, ``wechat:…``, ``id:…``. Phones and e-mail addresses are masked in what is printed.
"""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jifen.faces.cli.naming import member_id, uuid_of
from jifen.faces.cli.startup import inside

if TYPE_CHECKING:
    from collections.abc import Callable
    from uuid import UUID

    from jifen.earning.types import Activity, MemberRef

app = typer.Typer(
    no_args_is_help=True,
    help="One member: find; freeze, unfreeze; merge, unmerge; leave, erase.",
)
Who = Annotated[
    str,
    typer.Argument(
        help="An external id, or phone:…, email:…, card:…, wechat:…, id:…", metavar="WHO"
    ),
]
Programme = Annotated[str, typer.Option(help="The programme's code.")]
Reason = Annotated[str, typer.Option(help="Why; nobody's name or phone belongs here.")]
Actor = Annotated[str, typer.Option(help="Who does it.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@app.command()
def find(who: Who, programme: Programme, *, as_json: AsJson = False) -> None:
    """Tell what is registered of a member."""
    with inside(programme):
        _tell(_told(member_id(who)), as_json=as_json)


@app.command()
def freeze(
    who: Who, programme: Programme, reason: Reason, actor: Actor, *, as_json: AsJson = False
) -> None:
    """Let a member earn, burn and transfer nothing."""
    from jifen.members import services

    _set(services.freeze, who, programme, reason, actor, as_json=as_json)


@app.command()
def unfreeze(
    who: Who, programme: Programme, reason: Reason, actor: Actor, *, as_json: AsJson = False
) -> None:
    """Let a frozen member take part again."""
    from jifen.members import services

    _set(services.unfreeze, who, programme, reason, actor, as_json=as_json)


@app.command()
def merge(
    who: Who,
    other: Annotated[str, typer.Argument(help="Who becomes a part of WHO.", metavar="OTHER")],
    programme: Programme,
    reason: Reason,
    actor: Actor,
    *,
    as_json: AsJson = False,
) -> None:
    """Merge OTHER into WHO: points cross lot by lot, identities, spend and growth with them."""
    from jifen.common.ids import new_id
    from jifen.earning.types import Merge

    with inside(programme):
        act = Merge(
            key=new_id().hex,
            occurred_at=_now(),
            member=_ref(member_id(who)),
            other=_ref(member_id(other)),
            reason=reason,
            actor=actor,
        )
        _book(act, as_json=as_json)


@app.command()
def unmerge(
    activity: Annotated[str, typer.Argument(help="The id of the activity that merged.")],
    programme: Programme,
    reason: Reason,
    actor: Actor,
    *,
    as_json: AsJson = False,
) -> None:
    """Undo a merge, within the days of the rule set."""
    from jifen.audience import services
    from jifen.common.ids import new_id

    with inside(programme):
        act = services.undoing(
            merge_id=uuid_of(activity, "an activity's id"),
            key=new_id().hex,
            reason=reason,
            actor=actor,
            occurred_at=_now(),
        )
        _book(act, as_json=as_json)


@app.command()
def leave(
    who: Who, programme: Programme, reason: Reason, actor: Actor, *, as_json: AsJson = False
) -> None:
    """End a membership: what is left is forfeited, the identities are free."""
    from jifen.common.ids import new_id
    from jifen.earning.types import Leave

    with inside(programme):
        act = Leave(
            key=new_id().hex,
            occurred_at=_now(),
            member=_ref(member_id(who)),
            reason=reason,
            actor=actor,
        )
        _book(act, as_json=as_json)


@app.command()
def erase(
    who: Who,
    programme: Programme,
    actor: Actor,
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    as_json: AsJson = False,
) -> None:
    """Forget a person: every personal datum goes away, for ever. The books stay whole."""
    from jifen.common.ids import new_id
    from jifen.earning.types import Erasure

    with inside(programme):
        chosen = member_id(who)
        if not yes:
            typer.confirm(f"Forget member {chosen} for ever?", abort=True, err=True)
        act = Erasure(key=new_id().hex, occurred_at=_now(), member=_ref(chosen), actor=actor)
        _book(act, as_json=as_json)


def _set(
    act: "Callable[..., None]",
    who: str,
    programme: str,
    reason: str,
    actor: str,
    *,
    as_json: bool,
) -> None:
    with inside(programme):
        chosen = member_id(who)
        act(member_id=chosen, actor=actor, reason=reason, at=_now())
        _tell(_told(chosen), as_json=as_json)


def _book(activity: "Activity", *, as_json: bool) -> None:
    from jifen.earning import services
    from jifen.earning.types import Refused
    from jifen.faces.importing.orders import import_caller

    at = _now()
    [outcome] = services.book(activities=[activity], caller=import_caller(at=at), at=at)
    if isinstance(outcome, Refused):
        raise outcome.error
    moved = {unit: points for unit, points in outcome.points.items() if points}
    facts = {"activity": str(outcome.id), "member": str(outcome.member_id), "points": moved}
    _tell(facts, as_json=as_json)


def _told(member_id: "UUID") -> dict[str, Any]:
    from jifen.ledger import selectors as ledger
    from jifen.members import selectors as members
    from jifen.tiers import selectors as tiers

    info = members.member(member_id)
    at = _now()
    return {
        "member": str(info.id),
        "status": info.status,
        "merged_into": str(info.merged_into) if info.merged_into else None,
        "name": info.name,
        "identities": [
            f"{shown.kind}:{shown.value}" for shown in map(members.masked, info.identities)
        ],
        "tags": list(info.tags),
        "tier": tiers.tier(member_id, at=at),
        "available": {
            held.unit: held.available for held in ledger.balances(member_id=member_id, at=at)
        },
    }


def _ref(member_id: "UUID") -> "MemberRef":
    from jifen.earning.types import MemberRef

    return MemberRef("id", str(member_id))


def _now() -> datetime:
    from jifen.common import clock

    return clock.now()


def _tell(facts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(facts, ensure_ascii=False))
        return
    for name, value in facts.items():
        if isinstance(value, dict):
            told = " ".join(f"{amount:,} {unit}" for unit, amount in value.items())
        elif isinstance(value, list):
            told = " ".join(value)
        else:
            told = value or ""
        typer.echo(f"{name}: {told}" if told else f"{name}: -")


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="member")
