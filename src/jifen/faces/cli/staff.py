"""``jifen staff``: who may sign in to the console.

A password is asked for, or made up and printed once; the database keeps a hash of it.
"""

import json
import secrets
from typing import Annotated, Any

import typer

from jifen.faces.cli.startup import inside

app = typer.Typer(no_args_is_help=True, help="Who may sign in to the console.")
Programme = Annotated[str, typer.Option(help="The programme's code.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object.")]
Login = Annotated[str, typer.Argument(help="What to sign in with.")]
Ask = Annotated[bool, typer.Option("--ask", help="Ask for the password instead of making one.")]


@app.command()
def add(
    login: Login,
    programme: Programme,
    name: Annotated[str, typer.Option(help="The person's name; the login without it.")] = "",
    role: Annotated[
        str, typer.Option(help="owner, manager, marketing, finance, clerk or auditor.")
    ] = "clerk",
    store: Annotated[
        list[str] | None, typer.Option(help="Only this store; repeat it for more.")
    ] = None,
    *,
    ask: Ask = False,
    as_json: AsJson = False,
) -> None:
    """Add a person, who can sign in at once."""
    from jifen.common import clock
    from jifen.programmes import staff

    password = _password(ask=ask)
    with inside(programme):
        made = staff.add_staff(
            login=login,
            name=name or login,
            role=role,
            password=password,
            stores=store or None,
            at=clock.now(),
        )
    _tell({"login": made.login, "role": made.role}, password, ask=ask, as_json=as_json)


@app.command()
def password(
    login: Login, programme: Programme, *, ask: Ask = False, as_json: AsJson = False
) -> None:
    """Give a person a new password; their sessions end."""
    from jifen.common import clock
    from jifen.programmes import staff

    chosen = _password(ask=ask)
    with inside(programme):
        person = staff.staff_by_login(login)
        staff.set_password(staff_id=person.id, password=chosen, at=clock.now())
    _tell({"login": person.login}, chosen, ask=ask, as_json=as_json)


@app.command(name="forget-factor")
def forget_factor(login: Login, programme: Programme, *, as_json: AsJson = False) -> None:
    """Take away the second factor of a person who lost it; their sessions end."""
    from jifen.common import clock
    from jifen.programmes import proving, staff

    with inside(programme):
        person = staff.staff_by_login(login)
        proving.reset_factor(staff_id=person.id, at=clock.now())
    told = {"login": person.login, "second_factor": False}
    typer.echo(json.dumps(told) if as_json else f"login: {person.login}\nsecond factor: off")


@app.command(name="list")
def list_(programme: Programme, *, as_json: AsJson = False) -> None:
    """List the staff with their roles."""
    import msgspec

    from jifen.programmes import staff

    with inside(programme):
        people = staff.everybody()
    if as_json:
        typer.echo(json.dumps({"staff": msgspec.to_builtins(people)}))
        return
    for person in people:
        where = f", stores {' '.join(person.stores)}" if person.stores else ""
        left = "" if person.is_active else ", has left"
        typer.echo(f"{person.login}: {person.role}{where}{left}")


def _password(*, ask: bool) -> str:
    if ask:
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return secrets.token_urlsafe(12)


def _tell(facts: dict[str, Any], chosen: str, *, ask: bool, as_json: bool) -> None:
    """Say what was done; a password that was made up is shown here and never again."""
    told = facts if ask else {**facts, "password": chosen}
    if as_json:
        typer.echo(json.dumps(told))
        return
    for name, value in told.items():
        typer.echo(f"{name}: {value}")


def register(parent: typer.Typer) -> None:
    """Add the group."""
    parent.add_typer(app, name="staff")
