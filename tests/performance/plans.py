"""What a plan reads, asked of the planner: whether each table is entered by what is asked for."""

import re
from collections.abc import Iterator
from typing import Any

import psycopg

# A few rows for each programme, however large it is.
SMALL = frozenset(
    {
        *("merchant", "store", "unit", "rule_set", "rule_set_draft", "budget_usage", "segment"),
        *("programme", "api_client", "api_client_store", "api_key", "staff", "report_progress"),
        # Files that people brought or asked for: a few a week, however many members there are.
        *("import_run", "export_run", "what_if"),
    }
)
MEMBERS = 2_000
"""Of the programme that is planned with: reading half of them is reading too many."""
THROUGH = frozenset({"Result", "Subquery Scan", "LockRows", "Append", "Merge Append"})
# What a job has not come to yet.
LATE = frozenset({"standing_ends"})
# A few rows for each day, and no more of them with more members.
BY_DAY = frozenset({"report_points", "report_sales", "report_outstanding", "report_tier"})
# The server may skip over the tags of a programme, which are few, to those of some members.
SKIPPED = {"member_tag_tag": "member_id"}
EQUAL = re.compile(r"\(+(?:\w+\.)?(\w+)\)?(?:::\w+)?\)* = ")


def is_small(name: str) -> bool:
    """Whether the table or index is of those that members do not make grow."""
    known = any(name == table or name.startswith(f"{table}_") for table in SMALL | BY_DAY)
    return known and not name.startswith("staff_act")


def numbered(text: str) -> str:
    """The statement with the server's own placeholders."""
    names: dict[str, int] = {}
    return re.sub(
        r"%\((\w+)\)s", lambda name: f"${names.setdefault(name[1], len(names) + 1)}", text
    )


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


def fault(node: dict[str, Any]) -> str | None:
    kind = node["Node Type"]
    name = node.get("Relation Name", node.get("Index Name", ""))
    if is_small(name) and name not in BY_DAY:
        return None
    if kind == "Seq Scan":
        return f"sequential scan of {node['Relation Name']}"
    if kind in {"Index Scan", "Index Only Scan", "Bitmap Index Scan"}:
        condition = node.get("Index Cond", "")
        columns = set(re.findall(r"\(+(?:\w+\.)?(\w+)\)?(?:::\w+)? (?:=|<|>)", condition))
        columns |= set(re.findall(r"ROW\(\(?(\w+)", condition))
        if not columns - {"programme_id"}:
            return f"{node['Index Name']} by {condition or 'nothing'}"
    return None


def faults(
    plan: dict[str, Any], connection: psycopg.Connection[Any], *, stops: bool = False
) -> Iterator[str]:
    """What a plan reads too much of, by its own estimate. What stands in order right below a limit
    is read up to it, if nothing is passed over on the way."""
    told = too_much(plan, connection, stops=stops and "Filter" not in plan)
    if told:
        yield told
    kind = plan["Node Type"]
    for position, child in enumerate(plan.get("Plans", ())):
        goes_on = stops and (kind in THROUGH or (kind == "Nested Loop" and position == 0))
        yield from faults(child, connection, stops=kind == "Limit" or goes_on)


def too_much(
    node: dict[str, Any], connection: psycopg.Connection[Any], *, stops: bool
) -> str | None:
    name = node.get("Relation Name", node.get("Index Name", ""))
    if is_small(name):
        return None
    if node["Node Type"] == "Seq Scan":
        return f"sequential scan of {name}"
    if not name:
        return None
    if "Index Name" in node and not entered(node, connection, stops=stops):
        return f"{node['Index Name']} by {node.get('Index Cond', 'nothing')}"
    many = node["Plan Rows"] > MEMBERS // 2 and not stops
    return f"{node['Plan Rows']} rows of {name}" if many else None


def entered(node: dict[str, Any], connection: psycopg.Connection[Any], *, stops: bool) -> bool:
    """Whether what is asked for stands together in the index: what comes after the programme in it
    is known, or it is followed in its own order up to a limit."""
    condition = node.get("Index Cond", "")
    equal = set(EQUAL.findall(condition)) - {"programme_id"}
    row = connection.execute(
        "SELECT pg_get_indexdef(%s::regclass, 2, TRUE)", [node["Index Name"]]
    ).fetchone()
    second = row[0] if row else ""
    if second and not second.isidentifier():  # an expression
        return bool(equal) or stops
    if SKIPPED.get(node["Index Name"]) in equal or node["Index Name"] in LATE:
        return True
    return second in equal or (stops and not equal)
