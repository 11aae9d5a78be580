"""The shape every programme's table has, and the manager that keeps it inside its scope.

* the primary key is (``programme_id``, ``id``) and ``id`` is a UUIDv7 made here;
* relations are composite (:func:`belongs_to`), with a real foreign key added by
  :class:`AddProgrammeForeignKey` in the migration;
* every read and write goes through :class:`ProgrammeManager`, which raises outside a scope
  and refuses rows of another programme.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator
from typing import Any, Self, TypeVar, cast
from uuid import UUID

from django.db import models
from django.db.migrations.operations.base import Operation

from jifen.common.ids import new_id
from jifen.common.scope import ForeignRow, current

M = TypeVar("M", bound="ProgrammeRow")


class ProgrammeQuerySet(models.QuerySet[M]):
    """Rows of the programme that was active when the query was made.

    Used in another programme's scope, or in none, it raises: whatever Django does with a query
    set asks it for ``query`` first, also when it is combined with another or nested in one.
    """

    _programme_id: UUID | None = None

    @property
    def query(self) -> Any:
        """Django's query, inside its own scope only."""
        self._check()
        return super().query

    @query.setter
    def query(self, value: Any) -> None:
        # A property that overrides another has no super() for its setter.
        models.QuerySet.query.fset(self, value)  # type: ignore[attr-defined]

    def _check(self) -> None:
        if self._programme_id != current():
            raise ForeignRow("a query of another programme's scope was used")

    def _clone(self) -> Self:
        clone = cast("Self", super()._clone())  # type: ignore[misc]
        clone._programme_id = self._programme_id
        return clone

    def _fetch_all(self) -> None:
        self._check()
        super()._fetch_all()

    def iterator(self, *args: Any, **kwargs: Any) -> Iterator[M]:
        for row in super().iterator(*args, **kwargs):
            self._check()
            yield row

    async def aiterator(self, *args: Any, **kwargs: Any) -> AsyncIterator[M]:
        async for row in super().aiterator(*args, **kwargs):
            self._check()
            yield row

    def update(self, **kwargs: Any) -> int:
        if "programme_id" in kwargs:
            raise ForeignRow("a row never moves to another programme")
        return super().update(**kwargs)

    def create(self, **kwargs: Any) -> M:
        self._check()
        return super().create(**kwargs)

    def bulk_create(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> list[M]:
        self._check()
        rows = list(objs)
        for row in rows:
            row.adopt()
        return super().bulk_create(rows, *args, **kwargs)

    def bulk_update(self, objs: Iterable[M], *args: Any, **kwargs: Any) -> int:
        self._check()
        rows = list(objs)
        for row in rows:
            row.adopt()
        return super().bulk_update(rows, *args, **kwargs)

    def in_bulk(self, *args: Any, **kwargs: Any) -> dict[Any, M]:
        self._check()
        return super().in_bulk(*args, **kwargs)

    def raw(self, *args: Any, **kwargs: Any) -> Any:
        """Refused: raw statements live in ``sql/`` and take the scope's programme."""
        raise ForeignRow("raw queries are refused: write a statement in sql/")

    def extra(self, *args: Any, **kwargs: Any) -> Any:
        """Refused: its text could leave the programme."""
        raise ForeignRow("raw conditions are refused: write a statement in sql/")


class ProgrammeManager(models.Manager[M]):
    """The only manager of a programme's tables; there is no unscoped one."""

    def get_queryset(self) -> ProgrammeQuerySet[M]:
        queryset: ProgrammeQuerySet[M] = ProgrammeQuerySet(self.model, using=self._db)
        queryset._programme_id = current()
        return queryset.filter(programme_id=queryset._programme_id)


class ProgrammeRow(models.Model):
    """A row that belongs to exactly one programme."""

    programme_id = models.UUIDField(editable=False)

    objects: ProgrammeManager[Any] = ProgrammeManager()

    class Meta:
        abstract = True
        base_manager_name = "objects"
        default_manager_name = "objects"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.adopt()
        super().save(*args, **kwargs)

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        self.adopt()
        super().save_base(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        self.adopt()
        return super().delete(*args, **kwargs)

    def adopt(self) -> None:
        """Fill in the active programme, or raise when the row is another programme's."""
        programme_id = current()
        mine: UUID | None = self.programme_id
        if mine is None:
            self.programme_id = programme_id
        elif mine != programme_id:
            raise ForeignRow("a row of another programme cannot be written here")


class ProgrammeModel(ProgrammeRow):
    """A row with an id of its own inside its programme."""

    pk = models.CompositePrimaryKey("programme_id", "id")
    id = models.UUIDField(default=new_id, editable=False)

    class Meta(ProgrammeRow.Meta):
        abstract = True


def belongs_to(to: str, column: str, *, optional: bool = False) -> models.ForeignObject[Any, Any]:
    """A relation on (``programme_id``, ``column``) to ``to`` ("app.Model").

    It makes no constraint by itself: its migration must hold an
    :class:`AddProgrammeForeignKey` for the same column (a schema test compares the two).
    ``optional``: the column may be null.
    """
    return models.ForeignObject(
        to,
        from_fields=["programme_id", column],
        to_fields=["programme_id", "id"],
        on_delete=models.DO_NOTHING,
        related_name="+",
        null=optional,
    )


class AddProgrammeForeignKey(Operation):
    """Add the named composite foreign key behind a :func:`belongs_to` relation.

    ``table``.(programme_id, ``column``) → ``target``.(programme_id, id), name
    ``<table>_<column>_fkey``. A null in ``column`` is not checked (MATCH SIMPLE).
    """

    reversible = True

    def __init__(self, table: str, column: str, target: str) -> None:
        self.table = table
        self.column = column
        self.target = target

    def state_forwards(self, app_label: str, state: Any) -> None:
        """The models' state already has the relation."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        quote = schema_editor.quote_name
        schema_editor.execute(
            f"ALTER TABLE {quote(self.table)} ADD CONSTRAINT {quote(self._name)} "
            f'FOREIGN KEY ("programme_id", {quote(self.column)}) '
            f'REFERENCES {quote(self.target)} ("programme_id", "id")'
        )

    def database_backwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        quote = schema_editor.quote_name
        schema_editor.execute(
            f"ALTER TABLE {quote(self.table)} DROP CONSTRAINT {quote(self._name)}"
        )

    def describe(self) -> str:
        return f"Add composite foreign key {self._name}"

    @property
    def _name(self) -> str:
        return f"{self.table}_{self.column}_fkey"
