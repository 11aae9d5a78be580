"""``jifen import orders``: a shop's orders and refunds from a file."""

import json
from collections.abc import Iterable
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zoneinfo import ZoneInfo

import typer

from jifen.faces.cli.groups import importing
from jifen.faces.cli.progress import progress

if TYPE_CHECKING:
    from jifen.faces.importing.plan import Plan
    from jifen.faces.importing.report import OrdersReport


class Adapter(StrEnum):
    """Who wrote the file."""

    documented = "documented"
    online_retail = "online-retail"


def import_orders(
    file: Annotated[Path, typer.Argument(help="CSV, plain or gzip.")],
    programme: Annotated[str, typer.Option(help="The programme's code.")],
    adapter: Annotated[Adapter, typer.Option(help="Whose columns the file has.")] = (
        Adapter.documented
    ),
    store: Annotated[str | None, typer.Option(help="The store of orders that name none.")] = None,
    rejects: Annotated[Path | None, typer.Option(help="Where to list what was not booked.")] = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Book a shop's orders and refunds. The same file again books nothing."""
    from jifen.common import clock
    from jifen.common.process import settle
    from jifen.common.scope import scope
    from jifen.faces.importing import orders
    from jifen.faces.importing.report import RejectsFile, rejects_path
    from jifen.programmes import selectors as programmes

    settle()
    at = clock.now()
    found = programmes.programme_by_code(programme)
    with scope(found.id):
        known = list(programmes.stores())
        chosen = store or ("online" if "online" in known else known[0])
        plan = _read(file, adapter, store=chosen, zone=ZoneInfo(found.time_zone))
        left_out = RejectsFile(
            rejects_path(source=file, named=rejects, at=at),
            ("line", "bucket", "reason", "order", "product", "quantity"),
        )
        booked_lines = sum(len(item.lines) for item in plan.items)
        with progress("orders", booked_lines) as advance:
            report, entries = orders.import_orders(
                plan=plan, caller=orders.import_caller(at=at), at=at, advance=advance
            )
    left_out.write(entries)
    _print(report, as_json=as_json)
    typer.echo(f"not booked: {len(entries)} lines, listed in {left_out.path}", err=True)


def _read(file: Path, adapter: Adapter, *, store: str, zone: ZoneInfo) -> "Plan":
    from jifen.faces.importing.documented import plan_documented
    from jifen.faces.importing.files import read_lines
    from jifen.faces.importing.online_retail import plan_online_retail

    if adapter is Adapter.online_retail:
        return plan_online_retail(lines=read_lines(file), name=file.name, store=store)
    return plan_documented(lines=read_lines(file), name=file.name, store=store, zone=zone)


def _print(report: "OrdersReport", *, as_json: bool) -> None:
    import msgspec

    counts: dict[str, int] = msgspec.structs.asdict(report)
    if as_json:
        typer.echo(json.dumps(counts))
        return
    for line in _table(counts.items()):
        typer.echo(line)


def _table(counts: Iterable[tuple[str, int]]) -> list[str]:
    return [f"{name.replace('_', ' '):<20}{count:>12,}" for name, count in counts]


def register(app: typer.Typer) -> None:  # noqa: ARG001 (every command module has this shape)
    """Add the command to its group."""
    importing.command("orders")(import_orders)
