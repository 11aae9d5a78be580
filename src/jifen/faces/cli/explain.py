"""``jifen explain``: why an order gave what it gave, in sentences."""

import json
from collections.abc import Iterator
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated
from uuid import UUID
from zoneinfo import ZoneInfo

import typer

from jifen.faces.cli.errors import CommandError
from jifen.faces.cli.naming import member_id, uuid_of

if TYPE_CHECKING:
    from jifen.earning.types import ActivityInfo, Explanation


class Language(StrEnum):
    """In which language the sentences are."""

    en = "en"
    zh = "zh"


def explain(
    programme: Annotated[str, typer.Option(help="The programme's code.")],
    activity: Annotated[str | None, typer.Argument(help="An activity's id.")] = None,
    reference: Annotated[str | None, typer.Option(help="An order's receipt number.")] = None,
    store: Annotated[
        str | None, typer.Option(help="The order's store; the first one without it.")
    ] = None,
    member: Annotated[
        str | None,
        typer.Option(help="A member: an external id, or phone:…, email:…, card:…, wechat:…, id:…"),
    ] = None,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="Of a member: how many.")] = 20,
    language: Annotated[Language, typer.Option(help="Of the sentences.")] = Language.en,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON array.")] = False,
) -> None:
    """Tell how points came about: of one activity, of an order with its refunds, or of a member."""
    from jifen.common.scope import scope
    from jifen.earning import selectors as earning
    from jifen.programmes import selectors as programmes

    if sum(named is not None for named in (activity, reference, member)) != 1:
        raise CommandError("name one of: an activity, --reference, --member")
    chosen = programmes.programme_by_code(programme)
    with scope(chosen.id):
        if activity is not None:
            ids = [uuid_of(activity, "an activity's id (a receipt goes with --reference)")]
        elif reference is not None:
            ids = _family(earning.activity_by_reference(reference=reference, store=store))
        else:
            found = earning.activities(member_id=member_id(member or ""), before=None, limit=limit)
            ids = [info.id for info in found]
        told = [earning.explain(each, language=language.value) for each in ids]
    if as_json:
        typer.echo(json.dumps([_plain(explanation) for explanation in told], ensure_ascii=False))
        return
    for explanation in told:
        for line in _lines(explanation, ZoneInfo(chosen.time_zone)):
            typer.echo(line)


def _family(order: "ActivityInfo") -> list[UUID]:
    """An order, then what refunded, claimed or followed it."""
    from jifen.earning import selectors as earning

    return [order.id, *(info.id for info in earning.explain(order.id, language="en").related)]


def _lines(explanation: "Explanation", zone: ZoneInfo) -> Iterator[str]:
    info = explanation.activity
    name = f" {info.reference}" if info.reference else ""
    moved = ", ".join(f"{points:+,} {unit}" for unit, points in info.points.items()) or "0"
    local = info.occurred_at.astimezone(zone)
    yield f"{local:%Y-%m-%d %H:%M}  {info.kind}{name}  {moved}  ({info.id})"
    for sentence in explanation.sentences:
        yield f"    {sentence}"


def _plain(explanation: "Explanation") -> dict[str, object]:
    import msgspec

    plain: dict[str, object] = msgspec.to_builtins(explanation)
    return plain


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(explain)
