"""``jifen verify``: compare balances with what the postings say, the rest with the activities."""

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from jifen.ledger.types import Verdict


def verify(
    programme: Annotated[
        str | None, typer.Option(help="The programme's code; every programme without it.")
    ] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Check the ledger (guarantee 1), coupons, uses of benefits and merges.

    Exit code 1, and the first row that is wrong."""
    found = verdicts_of(programme)
    ok = all(verdict.ok for verdict in found.values())
    if as_json:
        typer.echo(json.dumps(told_of(found, one=programme is not None)))
    else:
        for code, verdict in found.items():
            typer.echo(line_of(code, verdict))
    if not ok:
        raise typer.Exit(1)


def verdicts_of(programme: str | None) -> "dict[str, Verdict]":
    """The verdict on one programme, or on each one, by code."""
    from jifen.common.scope import scope
    from jifen.earning import services as earning
    from jifen.programmes import selectors as programmes

    chosen = [programmes.programme_by_code(programme)] if programme else programmes.programmes()
    verdicts: dict[str, Verdict] = {}
    for found in chosen:
        with scope(found.id):
            verdicts[found.code] = earning.verify()
    return verdicts


def told_of(verdicts: "dict[str, Verdict]", *, one: bool) -> dict[str, Any]:
    """One programme's verdict as it is, several under their codes."""
    import msgspec

    plain = {code: msgspec.to_builtins(verdict) for code, verdict in verdicts.items()}
    if one:
        (verdict,) = plain.values()
        return dict(verdict)
    return {"ok": all(verdict.ok for verdict in verdicts.values()), "programmes": plain}


def line_of(code: str, verdict: "Verdict") -> str:
    """One programme's verdict for people."""
    checked = ", ".join(f"{count:,} {name}" for name, count in verdict.checked.items())
    if verdict.ok:
        return f"{code}: ok ({checked})"
    first = verdict.faults[0]
    return (
        f"{code}: WRONG. First: {first.table} {first.id} fails {first.check}:"
        f" {first.expected} expected, {first.found} found ({checked})"
    )


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command()(verify)
