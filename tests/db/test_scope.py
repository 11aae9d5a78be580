"""Guarantee 18: outside its programme's scope every query raises, and no row crosses over.

The methods of Django's query sets are found by introspection, so one that a new Django brings
fails here until somebody has looked at it.
"""

import asyncio
import inspect
import pickle
import uuid
from collections.abc import Callable
from contextvars import copy_context
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.db import models, transaction
from django.db.models import Exists, F, Q, Subquery
from tests.world import World

import jifen
from jifen.common.models import ProgrammeQuerySet, ProgrammeRow
from jifen.common.scope import ForeignRow, NoScope, ScopeError, current, scope
from jifen.members.models import Identity, Member
from jifen.programmes.models import RuleSetDraft, Store

SOURCE = Path(jifen.__file__).parent
MODELS = [model for model in apps.get_models() if issubclass(model, ProgrammeRow)]
STATEMENTS = sorted(SOURCE.rglob("*.sql"))


def named(model: type[models.Model]) -> str:
    return model.__name__


def row_of(model: Any) -> Any:
    """A row that was never saved."""
    return model()


async def _drain(rows: Any) -> list[Any]:
    return [row async for row in rows]


# How each method of a query set is called and used up; ``q`` is a query set of ``m``.
CALLS: dict[str, Callable[[Any, Any], Any]] = {
    "aggregate": lambda q, m: q.aggregate(n=models.Count("programme_id")),
    "alias": lambda q, m: list(q.alias(x=F("programme_id"))),
    "all": lambda q, m: list(q.all()),
    "annotate": lambda q, m: list(q.annotate(x=F("programme_id"))),
    "bulk_create": lambda q, m: q.bulk_create([row_of(m)]),
    "bulk_update": lambda q, m: q.bulk_update([row_of(m)], ["programme_id"]),
    "complex_filter": lambda q, m: list(q.complex_filter({"programme_id": uuid.uuid4()})),
    "contains": lambda q, m: q.contains(m(programme_id=uuid.uuid4(), **_key(m))),
    "count": lambda q, m: q.count(),
    "create": lambda q, m: q.create(),
    "dates": lambda q, m: list(q.dates(_dated(m), "day")),
    "datetimes": lambda q, m: list(q.datetimes(_dated(m), "day")),
    "db_manager": lambda q, m: list(q.db_manager("default").all()),
    "defer": lambda q, m: list(q.defer()),
    "delete": lambda q, m: q.delete(),
    "difference": lambda q, m: list(q.difference(q)),
    "distinct": lambda q, m: list(q.distinct()),
    "earliest": lambda q, m: q.earliest("programme_id"),
    "exclude": lambda q, m: list(q.exclude(programme_id=uuid.uuid4())),
    "exists": lambda q, m: q.exists(),
    "explain": lambda q, m: q.explain(),
    "extra": lambda q, m: list(q.extra(where=["TRUE"])),
    "filter": lambda q, m: list(q.filter(programme_id=uuid.uuid4())),
    "first": lambda q, m: q.first(),
    "get": lambda q, m: q.get(programme_id=uuid.uuid4()),
    "get_or_create": lambda q, m: q.get_or_create(programme_id=uuid.uuid4()),
    "in_bulk": lambda q, m: q.in_bulk([]),
    "intersection": lambda q, m: list(q.intersection(q)),
    "iterator": lambda q, m: list(q.iterator()),
    "last": lambda q, m: q.last(),
    "latest": lambda q, m: q.latest("programme_id"),
    "none": lambda q, m: list(q.none()),
    "only": lambda q, m: list(q.only("programme_id")),
    "order_by": lambda q, m: list(q.order_by("programme_id")),
    "prefetch_related": lambda q, m: list(q.prefetch_related()),
    "raw": lambda q, m: list(q.raw(f"SELECT * FROM {m._meta.db_table}")),
    "resolve_expression": lambda q, m: q.resolve_expression(),
    "reverse": lambda q, m: list(q.reverse()),
    "select_for_update": lambda q, m: list(q.select_for_update()),
    "select_related": lambda q, m: list(q.select_related()),
    "union": lambda q, m: list(q.union(q)),
    "update": lambda q, m: q.update(**{_field(m): None}),
    "update_or_create": lambda q, m: q.update_or_create(programme_id=uuid.uuid4()),
    "using": lambda q, m: list(q.using("default")),
    "values": lambda q, m: list(q.values("programme_id")),
    "values_list": lambda q, m: list(q.values_list("programme_id")),
}
# The same, awaited.
AWAITED = {
    f"a{name}"
    for name in (
        *("aggregate", "bulk_create", "bulk_update", "contains", "count", "create", "delete"),
        *("earliest", "exists", "explain", "first", "get", "get_or_create", "in_bulk", "iterator"),
        *("last", "latest", "update", "update_or_create"),
    )
}
# Read no row and need no programme.
HARMLESS_OF_QUERYSETS = {"as_manager", "db", "model"}
HARMLESS_OF_MANAGERS = {
    *("auto_created", "check", "contribute_to_class", "creation_counter", "deconstruct", "db"),
    *("from_queryset", "use_in_migrations", "name", "model"),
}


def _dated(model: Any) -> str:
    """A date field, or any field where there is none: the scope is looked at first."""
    kinds = (models.DateField, models.DateTimeField)
    return next((f.name for f in model._meta.fields if isinstance(f, kinds)), "programme_id")


def _field(model: Any) -> str:
    return str(next(f.name for f in model._meta.fields if f.name not in {"pk", "programme_id"}))


def _key(model: Any) -> dict[str, Any]:
    names = {f.name for f in model._meta.pk_fields} - {"programme_id"}
    return {
        name: uuid.uuid4() if isinstance(model._meta.get_field(name), models.UUIDField) else "x"
        for name in names
    }


def use(name: str, queryset: Any, model: Any) -> Any:
    """Call the method and use up what it answers."""
    if name not in AWAITED:
        return CALLS[name](queryset, model)

    class Renamed:
        def __getattr__(self, called: str) -> Any:
            return getattr(queryset, f"a{called}")

    # The lambda of the plain method, with the awaited one behind its name.
    if name == "aiterator":
        return asyncio.run(_drain(queryset.aiterator()))
    found = CALLS[name.removeprefix("a")](Renamed(), model)
    return asyncio.run(found)


METHODS = sorted(
    name
    for name in dir(models.QuerySet)
    if not name.startswith("_") and name not in HARMLESS_OF_QUERYSETS
)


@pytest.fixture(scope="module")
def here() -> World:
    return World()


@pytest.fixture(scope="module")
def there() -> World:
    return World()


def test_every_method_of_query_sets_and_managers_is_known() -> None:
    known = {*CALLS, *AWAITED}
    attributes = {"ordered", "query"}
    assert set(METHODS) - attributes == known - {"db_manager"}
    of_managers = {name for name in dir(models.Manager) if not name.startswith("_")}
    assert of_managers - HARMLESS_OF_MANAGERS - known == {"get_queryset"}


def test_the_only_manager_of_every_model_is_ours() -> None:
    for model in MODELS:
        assert model._meta.base_manager_name == model._meta.default_manager_name == "objects"
        assert [manager.name for manager in model._meta.managers] == ["objects"]
        with scope(uuid.uuid4()):
            for manager in (model._base_manager, model._default_manager, model.objects):
                assert type(manager.get_queryset()) is ProgrammeQuerySet


@pytest.mark.parametrize("model", MODELS, ids=named)
def test_outside_a_scope_every_method_of_every_manager_raises(model: Any) -> None:
    for manager in (model.objects, model._base_manager, model._default_manager):
        with pytest.raises(NoScope):
            manager.get_queryset()
        for name in [*CALLS, *AWAITED]:
            if hasattr(type(manager), name):
                with pytest.raises(NoScope):
                    use(name, manager, model)


@pytest.mark.parametrize("model", MODELS, ids=named)
@pytest.mark.parametrize("elsewhere", ["in no scope", "in another scope"])
def test_a_query_set_made_in_a_scope_raises_outside_of_it(
    here: World, there: World, model: Any, elsewhere: str
) -> None:
    with here.scope():
        queryset = model.objects.all()
        fetched = model.objects.all()
        list(fetched)
    for name in sorted({*METHODS, *AWAITED} - {"ordered", "query"}):
        if elsewhere == "in no scope":
            with pytest.raises(ScopeError):
                use(name, queryset, model)
        else:
            with there.scope(), transaction.atomic(), pytest.raises(ForeignRow):
                use(name, queryset, model)
    with pytest.raises(NoScope):
        len(fetched)
    for touch in (len, list, bool, repr, pickle.dumps, lambda q: q[0], lambda q: q[:3]):
        with pytest.raises(NoScope):
            touch(queryset)
    for attribute in ("query", "ordered"):
        with pytest.raises(NoScope):
            getattr(queryset, attribute)


def test_a_scope_that_was_left_while_reading_ends_the_reading(here: World) -> None:
    with here.scope():
        rows = Store.objects.order_by("id").iterator()
        first = next(rows)
    assert first.code == "main"
    with pytest.raises(NoScope):
        next(rows)

    async def read() -> None:
        with here.scope():
            later = Store.objects.order_by("id").aiterator()
            await anext(later)
        await anext(later)

    with pytest.raises(NoScope):
        asyncio.run(read())


COMBINED: dict[str, Callable[[Any, Any], Any]] = {
    "union": lambda mine, foreign: list(mine.union(foreign)),
    "union of several": lambda mine, foreign: list(mine.union(mine.filter(), foreign)),
    "intersection": lambda mine, foreign: list(mine.intersection(foreign)),
    "difference": lambda mine, foreign: list(mine.difference(foreign)),
    "or": lambda mine, foreign: list(mine | foreign),
    "and": lambda mine, foreign: list(mine & foreign),
    "xor": lambda mine, foreign: list(mine ^ foreign),
    "in": lambda mine, foreign: list(mine.filter(id__in=foreign.values("id"))),
    "equal": lambda mine, foreign: list(mine.filter(id=foreign.values("id")[:1])),
    "subquery": lambda mine, foreign: list(mine.annotate(x=Subquery(foreign.values("code")[:1]))),
    "exists": lambda mine, foreign: list(mine.filter(Exists(foreign))),
    "q object": lambda mine, foreign: list(mine.filter(Q(id__in=foreign) | Q(code="x"))),
}


@pytest.mark.parametrize("how", COMBINED)
def test_a_query_of_another_programme_cannot_be_combined_with_mine(
    here: World, there: World, how: str
) -> None:
    with there.scope():
        foreign = Store.objects.all()
    with here.scope(), pytest.raises(ForeignRow):
        COMBINED[how](Store.objects.all(), foreign)


def test_a_condition_never_widens_the_scope(here: World, there: World) -> None:
    with there.scope():
        foreign = set(Store.objects.values_list("id", flat=True))
    with here.scope():
        for found in (
            Store.objects.filter(programme_id=there.programme.id),
            Store.objects.filter(Q(programme_id=there.programme.id) | Q(code="main")),
            Store.objects.filter(id__in=foreign),
            Store.objects.filter(pk__in=[(there.programme.id, each) for each in foreign]),
            Store.objects.exclude(code="main") | Store.objects.all(),
            Store.objects.filter(merchant__programme_id=there.programme.id),
            Store.objects.select_related("merchant"),
        ):
            assert not foreign & {row.id for row in found}
        with pytest.raises(ForeignRow):
            Store.objects.raw("SELECT * FROM store")
        with pytest.raises(ForeignRow):
            Store.objects.extra(where=["TRUE) OR (TRUE"])


def test_rows_of_another_programme_are_neither_written_nor_moved(here: World, there: World) -> None:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    values = {"name": "draft", "document": {}, "updated_at": at, "updated_by": "x"}
    with there.scope():
        foreign = RuleSetDraft.objects.create(**values)
    other = there.programme.id
    writes: list[Callable[[], Any]] = [
        foreign.save,
        lambda: foreign.save(update_fields=["name"]),
        lambda: foreign.save(force_insert=True),
        foreign.save_base,
        foreign.delete,
        lambda: asyncio.run(foreign.asave()),
        lambda: asyncio.run(foreign.adelete()),
        lambda: RuleSetDraft(programme_id=other, **values).save(),
        lambda: RuleSetDraft.objects.create(programme_id=other, **values),
        lambda: RuleSetDraft.objects.get_or_create(
            name="n", defaults={**values, "name": "n", "programme_id": other}
        ),
        lambda: RuleSetDraft.objects.update_or_create(
            name="n", defaults={**values, "programme_id": other}
        ),
        lambda: RuleSetDraft.objects.bulk_create([RuleSetDraft(programme_id=other, **values)]),
        lambda: RuleSetDraft.objects.bulk_update([foreign], ["name"]),
        lambda: RuleSetDraft.objects.update(programme_id=other),
    ]
    for write in writes:
        with here.scope(), transaction.atomic(), pytest.raises(ForeignRow):
            write()
        with pytest.raises(NoScope):
            write()
    with here.scope():
        assert RuleSetDraft.objects.filter(id=foreign.id).update(name="taken") == 0
        assert RuleSetDraft.objects.filter(id=foreign.id).delete()[0] == 0
        with pytest.raises(RuleSetDraft.DoesNotExist):
            foreign.refresh_from_db()
    with there.scope():
        foreign.refresh_from_db()
        assert (foreign.name, foreign.programme_id) == ("draft", other)


def test_relations_stay_inside_the_scope(here: World, there: World) -> None:
    member_id = here.member()
    with here.scope():
        assert Identity.objects.get(member_id=member_id).member.id == member_id
        row = Identity.objects.get(member_id=member_id)
    with pytest.raises(NoScope):
        _ = row.member
    with there.scope(), pytest.raises(Member.DoesNotExist):
        _ = row.member
    with there.scope(), pytest.raises(Member.DoesNotExist):
        Member.objects.get(id=member_id)


def test_a_scope_is_a_programme_and_only_one(here: World, there: World) -> None:
    wrongs: list[Any] = [None, str(here.programme.id), "*", 0, object]
    for wrong in wrongs:
        with pytest.raises(ScopeError), scope(wrong):
            pass
    with here.scope(), pytest.raises(ForeignRow), there.scope():
        pass
    with here.scope():
        with here.scope():
            assert current() == here.programme.id
        assert current() == here.programme.id
        assert copy_context().run(current) == here.programme.id
    with pytest.raises(NoScope):
        current()


def test_a_scope_ends_with_an_exception_too(here: World) -> None:
    with pytest.raises(ZeroDivisionError), here.scope():
        _ = 1 // 0
    with pytest.raises(NoScope):
        current()


def test_ours_overrides_nothing_that_django_has_dropped() -> None:
    for name, _ in inspect.getmembers(ProgrammeQuerySet, inspect.isfunction):
        if name in vars(ProgrammeQuerySet) and name != "_check":
            assert hasattr(models.QuerySet, name)
