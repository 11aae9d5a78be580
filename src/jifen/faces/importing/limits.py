"""What one person does not import alone: more points than they may give by hand.

Opening points are given like any others, so the programme's limit holds for all that a file brings
together. Nothing waits for it: the file, its columns and its check are there for everybody with the
right, and somebody else than who brought them starts it.
"""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from jifen.audience import asking
from jifen.faces.importing.models import Import
from jifen.faces.importing.people import BadPerson, Person
from jifen.faces.importing.types import SecondPersonNeeded


def points_of(person: Person) -> int:
    """What a line brings: points, and growth."""
    return sum(lot.points for lot in person.member.lots)


def check(row: Import, people: Iterable[Person | BadPerson], *, client_id: UUID) -> None:
    """Raise :class:`SecondPersonNeeded` where somebody would bring in alone what two have to."""
    if client_id not in {row.client_id, row.mapped_by_id}:
        return
    points = sum(points_of(each) for each in people if isinstance(each, Person))
    if asking.is_above(points):
        raise SecondPersonNeeded(
            "the file brings more points than one person may give: have somebody else start it,"
            " who neither uploaded it nor chose its columns",
            points=points,
        )
