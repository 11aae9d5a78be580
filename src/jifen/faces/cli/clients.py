"""``jifen client``: who may call the API, and with which keys.

A key is printed once, when it is made; the database keeps its SHA-256 only.
"""

import json
from datetime import datetime
from typing import Annotated, Any

import typer

from jifen.faces.cli.startup import inside

app = typer.Typer(no_args_is_help=True, help="API clients and their keys.")
Programme = Annotated[str, typer.Option(help="The programme's code.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]
Expiry = Annotated[
    datetime | None,
    typer.Option(formats=["%Y-%m-%d"], help="Last day of the key, in UTC; never without it."),
]


@app.command()
def add(
    name: Annotated[str, typer.Argument(help="The client's name, such as till-1.")],
    programme: Programme,
    right: Annotated[
        list[str] | None, typer.Option(help="A right; repeat it. Every right without it.")
    ] = None,
    store: Annotated[
        list[str] | None, typer.Option(help="Only this store; repeat it for more.")
    ] = None,
    backdate_days: Annotated[
        int | None, typer.Option(min=0, help="How far back it may book; to the opening without.")
    ] = None,
    until: Expiry = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a client and print its key, once."""
    from jifen.common import clock
    from jifen.programmes import services as programmes
    from jifen.programmes.types import RIGHTS

    with inside(programme):
        client, key = programmes.create_client(
            name=name,
            rights=frozenset(right) if right else RIGHTS,
            stores=store or None,
            backdate_days=backdate_days,
            expires_at=_end_of(until),
            at=clock.now(),
        )
    _tell({"client": client.name, "rights": sorted(client.rights), "key": key}, as_json=as_json)


@app.command()
def key(
    name: Annotated[str, typer.Argument(help="The client's name.")],
    programme: Programme,
    until: Expiry = None,
    *,
    as_json: AsJson = False,
) -> None:
    """Make a further key of a client and print it, once; the others stay valid."""
    from jifen.common import clock
    from jifen.programmes import selectors
    from jifen.programmes import services as programmes

    with inside(programme):
        client = selectors.client(name, at=clock.now())
        made = programmes.add_key(client_id=client.id, expires_at=_end_of(until))
    _tell({"client": name, "key": made}, as_json=as_json)


@app.command()
def revoke(
    name: Annotated[str, typer.Argument(help="The client's name.")],
    programme: Programme,
    *,
    as_json: AsJson = False,
) -> None:
    """Revoke every key of a client."""
    from jifen.common import clock
    from jifen.programmes import selectors
    from jifen.programmes import services as programmes

    with inside(programme):
        client = selectors.client(name, at=clock.now())
        revoked = programmes.revoke_keys(client_id=client.id, at=clock.now())
    _tell({"client": name, "revoked": revoked}, as_json=as_json)


@app.command(name="list")
def list_(programme: Programme, *, as_json: AsJson = False) -> None:
    """List the clients with their rights; never a key."""
    import msgspec

    from jifen.common import clock
    from jifen.programmes import selectors

    with inside(programme):
        clients = selectors.clients(at=clock.now())
    if as_json:
        typer.echo(json.dumps({"clients": msgspec.to_builtins(clients)}))
        return
    for client in clients:
        where = f", stores {' '.join(client.stores)}" if client.stores else ""
        typer.echo(f"{client.name}: {client.keys} keys{where}; {' '.join(client.rights) or '-'}")


def _end_of(day: datetime | None) -> datetime | None:
    """The first instant after a day, in UTC."""
    from datetime import UTC, timedelta

    return day.replace(tzinfo=UTC) + timedelta(days=1) if day else None


def _tell(facts: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(facts))
        return
    for name, value in facts.items():
        typer.echo(f"{name}: {' '.join(value) if isinstance(value, list) else value}")


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="client")
