"""The live catalogue against the written lists: every rule that lets the tables be distributed.

Runs on plain PostgreSQL; what it proves there holds on Citus too.
"""

import uuid
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from django.apps import apps
from django.core.management import call_command
from django.db import IntegrityError, connection, models, transaction
from django.db.models import ForeignObject
from django.db.utils import ProgrammingError
from tests.world import World

import jifen
from jifen.common.database import APP_ROLE
from jifen.common.models import ProgrammeModel, ProgrammeRow
from jifen.common.tables import APPEND_ONLY, DISTRIBUTED, GLOBAL, LOCAL_PREFIXES
from jifen.members.models import Identity

SQL = sorted(Path(jifen.__file__).parent.rglob("*.sql"))
OURS = {*DISTRIBUTED, *GLOBAL}
PERMISSION_DENIED = "42501"


def ask(sql: str, *values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, values or None)
        return list(cursor.fetchall())


def tables() -> set[str]:
    rows = ask(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind IN ('r', 'p', 'v', 'm', 'f')"
    )
    return {name for (name,) in rows}


class Constraint(NamedTuple):
    name: str
    kind: str
    table: str
    columns: tuple[str, ...]
    target: str | None
    target_columns: tuple[str, ...]
    on_delete: str
    is_checked: bool


def constraints() -> list[Constraint]:
    rows = ask(
        """
        SELECT con.conname, con.contype, con.conrelid::regclass::text,
            ARRAY(SELECT a.attname FROM unnest(con.conkey) WITH ORDINALITY AS k (n, place)
                JOIN pg_attribute a ON a.attrelid = con.conrelid AND a.attnum = k.n
                ORDER BY k.place)::text[],
            CASE WHEN con.confrelid <> 0 THEN con.confrelid::regclass::text END,
            ARRAY(SELECT a.attname FROM unnest(con.confkey) WITH ORDINALITY AS k (n, place)
                JOIN pg_attribute a ON a.attrelid = con.confrelid AND a.attnum = k.n
                ORDER BY k.place)::text[],
            con.confdeltype, con.convalidated
        FROM pg_constraint con
        WHERE con.connamespace = 'public'::regnamespace AND con.conrelid <> 0
        """
    )
    return [
        Constraint(name, kind, table, tuple(own), target, tuple(theirs), on_delete, checked)
        for name, kind, table, own, target, theirs, on_delete, checked in rows
    ]


def test_every_table_is_in_exactly_one_list() -> None:
    lists = Counter([*DISTRIBUTED, *GLOBAL])
    assert set(lists.values()) == {1}
    assert {name for name in tables() if not name.startswith(LOCAL_PREFIXES)} == OURS
    assert not [name for name in OURS if name.startswith(LOCAL_PREFIXES)]
    assert set(APPEND_ONLY) <= set(DISTRIBUTED)


def test_every_model_of_ours_is_in_the_list_that_its_base_says() -> None:
    distributed = {m._meta.db_table for m in apps.get_models() if issubclass(m, ProgrammeRow)}
    assert distributed == set(DISTRIBUTED)
    others = {
        model._meta.db_table
        for model in apps.get_models()
        if not issubclass(model, ProgrammeRow) and model.__module__.startswith("jifen.")
    }
    assert others == set(GLOBAL)


def test_the_migrations_are_what_the_models_say() -> None:
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


@pytest.mark.parametrize("table", DISTRIBUTED)
def test_every_key_of_a_distributed_table_begins_with_the_programme(table: str) -> None:
    keys = [each for each in constraints() if each.table == table and each.kind in "pux"]
    assert [each.kind for each in keys].count("p") == 1
    for key in keys:
        assert key.columns[0] == "programme_id", key
    indexes = ask(
        """
        SELECT i.indexrelid::regclass::text, a.attname
        FROM pg_index i
        LEFT JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = i.indkey[0]
        WHERE i.indrelid = %s::regclass
        """,
        table,
    )
    assert indexes
    assert {first for _, first in indexes} == {"programme_id"}, indexes


@pytest.mark.parametrize("model", [m for m in apps.get_models() if issubclass(m, ProgrammeModel)])
def test_an_id_is_a_uuid_made_by_the_application(model: type[ProgrammeModel]) -> None:
    [primary] = [
        each for each in constraints() if each.table == model._meta.db_table and each.kind == "p"
    ]
    assert primary.columns == ("programme_id", "id")
    assert model().id.version == 7


def test_no_column_of_ours_is_made_by_the_database() -> None:
    made = ask(
        """
        SELECT a.attrelid::regclass::text, a.attname
        FROM pg_attribute a
        LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
        WHERE a.attrelid::regclass::text = ANY(%s) AND a.attnum > 0 AND NOT a.attisdropped
            AND (a.attidentity <> '' OR a.attgenerated <> '' OR d.adbin IS NOT NULL)
        """,
        sorted(OURS),
    )
    assert made == []


def test_every_relation_has_its_composite_foreign_key_and_the_other_way_round() -> None:
    wanted = {
        (
            model._meta.db_table,
            tuple(field.from_fields),
            field.related_model._meta.db_table,
            tuple(field.to_fields),
        )
        for model in apps.get_models()
        if issubclass(model, ProgrammeRow)
        for field in model._meta.get_fields()
        if isinstance(field, ForeignObject)
    }
    found = {
        (each.table, each.columns, each.target, each.target_columns)
        for each in constraints()
        if each.kind == "f" and each.table in DISTRIBUTED
    }
    assert len(wanted) > 10
    assert wanted == found


def test_foreign_keys_stay_in_the_programme_and_delete_nothing() -> None:
    for key in constraints():
        if key.kind == "f" and (key.table in OURS or key.target in OURS):
            assert key.table in DISTRIBUTED, key
            assert key.target in DISTRIBUTED, key
            assert key.columns[0] == key.target_columns[0] == "programme_id", key
            assert key.on_delete == "a", key
            assert key.is_checked, key


def test_no_relation_of_a_model_deletes_or_crosses() -> None:
    for model in apps.get_models():
        if not issubclass(model, ProgrammeRow):
            continue
        assert not model._meta.many_to_many
        for field in model._meta.get_fields():
            assert not isinstance(field, models.ForeignKey), field
            if isinstance(field, ForeignObject):
                assert field.remote_field.on_delete in {models.DO_NOTHING, models.PROTECT}


RULES = {
    "account_not_below_zero",
    "account_once",
    "account_pays_its_deficit_first",
    "activity_key_once",
    "activity_once",
    "activity_reference_once",
    "benefit_usage_within_quota",
    "budget_usage_not_below_zero",
    "cap_usage_not_below_zero",
    "coupon_code_once",
    "coupon_status_says_who_has_it",
    "draw_down_moves_something",
    "hold_open_or_gone",
    "identity_belongs_to_one_member",
    "identity_kind_known",
    "lot_open_or_gone",
    "period_spend_not_below_zero",
    "posting_kind_contra_sign",
    "posting_names_a_hold",
    "posting_not_below_zero",
    "posting_order",
    "rule_set_version_once",
    "standing_ends_as_its_stages_say",
    "standing_not_below_zero",
    "unit_kind_known",
}


def test_the_invariants_are_in_the_database_by_name() -> None:
    names = {each.name for each in constraints()}
    names |= {name for (name,) in ask("SELECT indexrelid::regclass::text FROM pg_index")}
    assert names >= RULES


# --- rights ----------------------------------------------------------------------------------


def test_the_application_owns_nothing_and_is_no_superuser() -> None:
    [(user, session_is_super, is_super, bypasses)] = ask(
        "SELECT current_user, current_setting('is_superuser'), rolsuper, rolbypassrls"
        " FROM pg_roles WHERE rolname = current_user"
    )
    assert (user, is_super, bypasses) == (APP_ROLE, False, False)
    assert session_is_super == "off"
    owned = ask(
        "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND pg_has_role(%s, relowner, 'MEMBER')",
        APP_ROLE,
    )
    assert owned == []


def rights(table: str) -> set[str]:
    every = ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
    [row] = ask(
        "SELECT " + ", ".join(f"has_table_privilege('{APP_ROLE}', %s, '{e}')" for e in every),
        *([f'public."{table}"'] * len(every)),
    )
    return {right for right, has in zip(every, row, strict=True) if has}


@pytest.mark.parametrize("table", [*DISTRIBUTED, *GLOBAL])
def test_the_application_may_do_what_the_lists_say_and_no_more(table: str) -> None:
    append = {"SELECT", "INSERT"}
    assert rights(table) == (append if table in APPEND_ONLY else append | {"UPDATE", "DELETE"})
    public = ask(
        "SELECT privilege_type FROM information_schema.role_table_grants"
        " WHERE table_schema = 'public' AND table_name = %s AND grantee = 'PUBLIC'",
        table,
    )
    columns = ask(
        "SELECT column_name FROM information_schema.column_privileges"
        " WHERE table_schema = 'public' AND table_name = %s AND grantee = %s"
        " AND privilege_type NOT IN ('SELECT', 'INSERT')",
        table,
        APP_ROLE,
    )
    assert public == []
    assert not (columns and table in APPEND_ONLY)


@pytest.mark.parametrize("table", APPEND_ONLY)
@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {} SET programme_id = programme_id",
        "DELETE FROM {}",
        "TRUNCATE {}",
        "DROP TABLE {}",
        "ALTER TABLE {} DISABLE TRIGGER ALL",
        "SELECT * FROM {} FOR UPDATE",
    ],
)
def test_history_cannot_be_changed_by_the_application(table: str, statement: str) -> None:
    with pytest.raises(ProgrammingError) as caught, transaction.atomic():
        ask(statement.format(table))
    assert getattr(caught.value.__cause__, "sqlstate", None) == PERMISSION_DENIED


def test_the_application_cannot_make_itself_more() -> None:
    for statement in (
        "CREATE TABLE public.mine (id int)",
        "CREATE FUNCTION public.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        f"ALTER ROLE {APP_ROLE} SUPERUSER",
    ):
        with pytest.raises(ProgrammingError) as caught, transaction.atomic():
            ask(statement)
        assert getattr(caught.value.__cause__, "sqlstate", None) == PERMISSION_DENIED


# --- what must not be there ------------------------------------------------------------------


def test_no_column_is_a_float() -> None:
    floats = ask(
        "SELECT table_name, column_name, data_type FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = ANY(%s)"
        " AND data_type IN ('real', 'double precision', 'numeric', 'money')",
        sorted(OURS),
    )
    assert floats == []


@pytest.mark.parametrize(
    ("table", "column"),
    [
        *[("account", name) for name in ("available", "pending", "held", "deficit")],
        *[("posting", name) for name in ("amount", "balance_after", "deficit_after")],
        ("posting", "pending_after"),
        ("posting", "held_after"),
        ("lot", "remaining"),
        ("hold", "captured"),
        ("hold", "remaining"),
        ("draw_down", "amount"),
        ("standing", "spend_minor"),
        ("period_spend", "spend_minor"),
        ("cap_usage", "used"),
        ("budget_usage", "used"),
    ],
)
def test_what_counts_points_or_money_is_a_bigint_that_is_never_null(
    table: str, column: str
) -> None:
    [(kind, null)] = ask(
        "SELECT data_type, is_nullable FROM information_schema.columns"
        " WHERE table_schema = 'public' AND table_name = %s AND column_name = %s",
        table,
        column,
    )
    assert (kind, null) == ("bigint", "NO")


def test_no_trigger_no_view_no_function_and_no_extension_is_ours() -> None:
    triggers = ask(
        "SELECT tgname FROM pg_trigger"
        " WHERE NOT tgisinternal AND tgrelid::regclass::text = ANY(%s)",
        sorted(OURS),
    )
    assert triggers == []
    functions = ask("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
    assert not [name for (name,) in functions if not name.startswith("procrastinate_")]
    assert ask("SELECT extname FROM pg_extension") == [("plpgsql",)]
    assert ask("SELECT 1 FROM pg_class WHERE relkind IN ('v', 'm') AND relname = ANY(%s)",
               sorted(OURS)) == []  # fmt: skip


def test_rows_that_point_into_another_programme_are_refused_by_the_database() -> None:

    here, there = World(), World()
    foreign = there.member()
    with here.scope(), pytest.raises(IntegrityError):
        Identity.objects.create(member_id=foreign, kind="external", value=uuid.uuid4().hex)
