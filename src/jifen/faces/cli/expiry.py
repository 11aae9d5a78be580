"""``jifen expire`` and ``jifen clear``: the runs that end points.

Both say with ``--preview`` what they would close, both are capped by ``--limit`` and go on where
they were. Members are named by their ids; whom nobody told keeps the points, and is listed.
"""

import json
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from jifen.faces.cli.startup import inside

if TYPE_CHECKING:
    from jifen.outreach.types import ClosingPreview, RunInfo, Untold

app = typer.Typer(no_args_is_help=True, help="Clears: announce, list, run, cancel.")
MOST_TOLD = 20
BY = "jifen expire"
OnlyOne = Annotated[
    str | None, typer.Option(help="The programme's code; every programme without it.")
]
Programme = Annotated[str, typer.Option(help="The programme's code.")]
Preview = Annotated[bool, typer.Option("--preview", help="Only say what it would do.")]
Limit = Annotated[int | None, typer.Option(min=1, help="Accounts at most; all without it.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]
Clearing = Annotated[str, typer.Argument(help="The clear's id.", metavar="CLEAR")]
Day = Annotated[
    datetime, typer.Option(formats=["%Y-%m-%d"], help="The last local day of the points.")
]


def expire(
    programme: OnlyOne = None,
    limit: Limit = None,
    *,
    preview: Preview = False,
    as_json: AsJson = False,
) -> None:
    """Close what is past its date. No balance changes by it; the worker does it each night."""
    from jifen.programmes import selectors as programmes

    chosen = [programmes.programme_by_code(programme)] if programme else programmes.programmes()
    told: dict[str, Any] = {}
    for each in chosen:
        with inside(each.code):
            told[each.code] = _previewed() if preview else _expired(each.code, limit)
    if as_json:
        typer.echo(json.dumps(told[programme] if programme else {"programmes": told}))
        return
    for code, facts in told.items():
        _print(code, facts)


@app.command()
def announce(
    programme: Programme,
    unit: Annotated[str, typer.Option(help="The unit's code.")],
    on: Day,
    days: Annotated[
        list[int] | None, typer.Option(help="A notice so many days before; repeat it. 30 and 7.")
    ] = None,
    reason: Annotated[str, typer.Option(help="Why.")] = "",
    *,
    without_notice: Annotated[
        bool, typer.Option("--without-notice", help="Take also from members whom nobody told.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Announce that all points of a unit end at the end of a local day."""
    from jifen.common import clock
    from jifen.outreach import services

    with inside(programme):
        found = services.announce(
            unit=unit,
            on=on.date(),
            days=days or (30, 7),
            required=not without_notice,
            reason=reason,
            at=clock.now(),
            by=BY,
        )
    _echo(found, as_json=as_json, line=f"{found.id}: {unit} until the end of {found.ends_on}")


@app.command(name="list")
def list_(programme: Programme, *, as_json: AsJson = False) -> None:
    """List the announced clears, the newest first."""
    import msgspec

    from jifen.outreach import selectors

    with inside(programme):
        found = selectors.clearings(before=None, limit=100)
    if as_json:
        typer.echo(json.dumps({"clears": msgspec.to_builtins(found)}))
        return
    for each in found:
        typer.echo(f"{each.id}: {each.unit} until the end of {each.ends_on}, {each.state}")


@app.command()
def run(
    clear: Clearing,
    programme: Programme,
    limit: Limit = None,
    *,
    preview: Preview = False,
    as_json: AsJson = False,
) -> None:
    """Do a clear whose day is over; again for those who were told late."""
    from jifen.common import clock
    from jifen.faces.cli.progress import progress
    from jifen.outreach import selectors, services

    clearing_id, at = _id(clear), clock.now()
    with inside(programme):
        preview_now = selectors.preview_clear(clearing_id=clearing_id, at=at)
        if preview:
            facts = _plain(preview_now)
        else:
            with progress(f"Clearing {programme}", _lots(preview_now)) as step:
                done = services.clear(
                    clearing_id=clearing_id, at=at, by=BY, limit=limit, progress=step
                )
            left = selectors.uncleared(clearing_id=clearing_id, after=None, limit=MOST_TOLD)
            facts = _report(done, [each for _, each in left])
    if as_json:
        typer.echo(json.dumps(facts))
    else:
        _print(programme, facts)


@app.command()
def cancel(clear: Clearing, programme: Programme, *, as_json: AsJson = False) -> None:
    """Take back a clear that was announced by hand."""
    from jifen.outreach import services

    with inside(programme):
        found = services.cancel(clearing_id=_id(clear))
    _echo(found, as_json=as_json, line=f"{found.id}: {found.state}")


def _expired(code: str, limit: int | None) -> dict[str, Any]:
    from jifen.common import clock
    from jifen.faces.cli.progress import progress
    from jifen.outreach import selectors, services

    at = clock.now()
    with progress(f"Expiring {code}", _lots(selectors.preview_expiry(at=at))) as step:
        done = services.expire(at=at, by=BY, limit=limit, progress=step)
    left = selectors.untold(at=at, after=None, limit=MOST_TOLD)
    return _report(done, [each for _, each in left])


def _previewed() -> dict[str, Any]:
    from jifen.common import clock
    from jifen.outreach import selectors

    return _plain(selectors.preview_expiry(at=clock.now()))


def _report(run: "RunInfo", untold: "list[Untold]") -> dict[str, Any]:
    return {"run": _plain(run), "untold": [_plain(each) for each in untold]}


def _print(code: str, facts: dict[str, Any]) -> None:
    """A preview, or the report of a run, for people."""
    for part in facts.get("closes", ()):
        where = part["store"] or "no store"
        typer.echo(
            f"{code}: would close {part['points']:,} {part['unit']} in {part['lots']:,} lots of"
            f" {part['members']:,} members, earned at {where}"
        )
    run = facts.get("run")
    if run is None:
        _print_left(code, facts["leaves"])
        return
    for unit, closed in run["totals"].items():
        typer.echo(f"{code}: closed {closed['points']:,} {unit} in {closed['lots']:,} lots")
    if run["finished_at"] is None:
        typer.echo(f"{code}: not all yet; call again to go on")
    elif not run["totals"]:
        typer.echo(f"{code}: nothing to close")
    _print_left(code, run["untold"])
    for each in facts["untold"]:
        typer.echo(
            f"{code}: member {each['member_id']} keeps {each['points']:,} {each['unit']} of"
            f" {each['ends_on']}: {each['reason']}"
        )


def _print_left(code: str, left: dict[str, Any]) -> None:
    for unit, each in left.items():
        typer.echo(
            f"{code}: {each['members']:,} members keep {each['points']:,} {unit}, because nobody"
            " told them"
        )


def _lots(preview: "ClosingPreview") -> int:
    return sum(part.lots for part in preview.closes)


def _id(text: str) -> Any:
    from uuid import UUID

    from jifen.outreach.types import UnknownClearing

    try:
        return UUID(text)
    except ValueError:
        raise UnknownClearing("a clear's id is a UUID") from None


def _plain(struct: Any) -> dict[str, Any]:
    import msgspec

    plain: dict[str, Any] = msgspec.to_builtins(struct)
    return plain


def _echo(struct: Any, *, as_json: bool, line: str) -> None:
    typer.echo(json.dumps(_plain(struct)) if as_json else line)


def register(parent: typer.Typer) -> None:
    """Add the command and the group."""
    parent.command()(expire)
    parent.add_typer(app, name="clear")
