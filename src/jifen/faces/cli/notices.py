"""``jifen notices``: plan, send and list what members are told before their points end."""

import json
from typing import Annotated

import typer

from jifen.faces.cli.errors import CommandError
from jifen.faces.cli.startup import inside

app = typer.Typer(no_args_is_help=True, help="Notices before points end: plan, send, list.")
BY = "jifen notices"
Programme = Annotated[str, typer.Option(help="The programme's code.")]
Limit = Annotated[int | None, typer.Option(min=1, help="So many at most; all without it.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]


@app.command()
def plan(
    programme: Programme,
    limit: Limit = None,
    *,
    preview: Annotated[bool, typer.Option("--preview", help="Only say how many.")] = False,
    late: Annotated[
        bool, typer.Option("--late", help="For points that stayed because nobody told.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Plan this local day's notices, and those of days that were missed; nobody's twice."""
    import msgspec

    from jifen.common import clock
    from jifen.faces.cli.progress import progress
    from jifen.outreach import selectors, services

    if late and preview:
        raise CommandError(
            "there is no preview of late notices: jifen expire --preview counts whom nobody told"
        )
    at = clock.now()
    with inside(programme):
        if late:
            planned = services.plan_late(at=at, limit=limit)
            _tell({"notices": planned}, f"{planned:,} late notices planned", as_json=as_json)
            return
        totals = selectors.preview_plan(at=at)
        if not preview:
            with progress("Planning", sum(each.members for each in totals)) as step:
                runs = services.plan(at=at, by=BY, limit=limit, progress=step)
    if preview:
        lines = [
            f"{each.kind} of {each.unit}: {each.members:,} members, {each.points:,} until the end"
            f" of {each.ends_on}, {each.days_before} days before"
            for each in totals
        ]
        _tell(
            {"totals": msgspec.to_builtins(totals)},
            "\n".join(lines) or "nothing to tell",
            as_json=as_json,
        )
        return
    made = sum(run.notices for run in runs)
    _tell({"runs": msgspec.to_builtins(runs)}, f"{made:,} notices planned", as_json=as_json)


@app.command()
def send(
    programme: Programme,
    limit: Limit = None,
    *,
    failed: Annotated[
        bool, typer.Option("--failed", help="Try those that failed once more.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Send what waits and is due; the worker does it each minute."""
    from jifen.common import clock
    from jifen.outreach import services

    facts, line = {}, ""
    with inside(programme):
        if failed:
            facts["retried"] = services.retry(at=clock.now(), limit=limit)
            line = f"{facts['retried']:,} that had failed wait again; "
        done = services.send(clock=clock.now, limit=limit)
    facts |= {"sent": done.delivered, "again": done.again, "failed": done.given_up}
    line += f"{done.delivered:,} sent, {done.again:,} to be tried again, {done.given_up:,} failed"
    _tell(facts, line, as_json=as_json)


@app.command(name="list")
def list_(
    programme: Programme,
    limit: Annotated[int, typer.Option(min=1, help="So many at most.")] = 100,
    state: Annotated[str | None, typer.Option(help="planned, sent or failed.")] = None,
    *,
    as_json: AsJson = False,
) -> None:
    """List notices, the newest first."""
    import msgspec

    from jifen.outreach import selectors

    with inside(programme):
        found = selectors.notices(state=state, before=None, limit=limit)
    lines = [
        f"{each.planned_at:%Y-%m-%d %H:%M} member {each.member_id}: {each.points:,} {each.unit}"
        f" until the end of {each.ends_on}, {each.state} {each.channel}{each.reason}".rstrip()
        for each in found
    ]
    _tell({"notices": msgspec.to_builtins(found)}, "\n".join(lines), as_json=as_json)


def _tell(facts: object, line: str, *, as_json: bool) -> None:
    typer.echo(json.dumps(facts) if as_json else line)


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="notices")
