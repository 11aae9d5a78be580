"""The database a process works on: check it, migrate it, hand out its rights.

Promises: what is wrong with an address is told in one line that names the setting and never
shows a password; migrating twice, or from two processes at once, is harmless; after migrating,
the application's role has exactly the rights that ``jifen.common.tables`` writes down.
"""

import hashlib
import os
import re
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import ClassVar, Final, LiteralString

import psycopg
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict

from jifen.common.tables import APPEND_ONLY, DISTRIBUTED, GLOBAL, LOCAL_PREFIXES

APP_ROLE: Final = "jifen_app"
URL_SETTING: Final = "JIFEN_DATABASE_URL"
OWNER_SETTING: Final = "JIFEN_DATABASE_OWNER_URL"
LOCK_WAIT_MS: Final = 2_000
"""How long a transaction waits for a member that another one holds. A batch that had to wait so
long tries its items alone, and they share the same time again."""
_OLDEST_MAJOR: Final = 15
MIGRATION_LOCK: Final = 0x6A6966656E
"""The advisory lock of who migrates or restores: any constant, but the same for everybody."""
_DATABASE_COMMENT: Final = "jifen "


class DatabaseUnavailable(Exception):
    """The database cannot be used; the message is one clear line."""

    code: ClassVar[str] = "database_unavailable"


@dataclass(frozen=True)
class Address:
    """A database URL and the setting it came from."""

    url: str
    setting: str

    def shown(self) -> str:
        """The URL without its password, also when it cannot be parsed."""
        hidden = re.sub(r"(?<=://)([^:@/]*):.*@", r"\1:***@", self.url)
        return re.sub(r"(password=)[^&\s]*", r"\1***", hidden)

    def parameters(self) -> dict[str, str]:
        """Its parameters for libpq. Raises DatabaseUnavailable for what is not a PostgreSQL URL."""
        if not self.url.startswith(("postgresql://", "postgres://")):
            raise DatabaseUnavailable(
                f"{self.setting} must look like postgresql://user:password@host/database,"
                f" not {self.shown()!r}"
            )
        try:
            found = conninfo_to_dict(self.url)
        except psycopg.Error as error:
            reason = _one_line(error).replace(self.url, self.shown())
            raise DatabaseUnavailable(f"{self.setting} cannot be read: {reason}") from None
        return {key: str(value) for key, value in found.items() if value is not None}


def app_address() -> Address:
    """The address of the application, from the environment."""
    return Address(os.environ.get(URL_SETTING, ""), URL_SETTING)


def owner_address() -> Address:
    """The address of the owner, who migrates; the application's if there is no other."""
    url = os.environ.get(OWNER_SETTING)
    return Address(url, OWNER_SETTING) if url else app_address()


def connect(address: Address) -> psycopg.Connection:
    """A plain connection, in autocommit. Raises DatabaseUnavailable."""
    try:
        address.parameters()
        connection = psycopg.connect(address.url, autocommit=True, connect_timeout=10)
    except psycopg.Error as error:
        raise DatabaseUnavailable(
            f"{address.setting}: cannot connect to {address.shown()}: {_one_line(error)}"
        ) from error
    major = connection.info.server_version // 10000
    if major < _OLDEST_MAJOR:
        connection.close()
        raise DatabaseUnavailable(
            f"{address.setting}: PostgreSQL {_OLDEST_MAJOR} or newer is needed;"
            f" {address.shown()} is PostgreSQL {major}"
        )
    return connection


def check_database() -> None:
    """Raise DatabaseUnavailable unless the database answers and has been migrated."""
    address = app_address()
    with connect(address) as connection:
        row = connection.execute(
            "SELECT to_regclass('programme') IS NOT NULL AND to_regrole(%s) IS NOT NULL",
            [APP_ROLE],
        ).fetchone()
        if row is None or not row[0]:
            raise DatabaseUnavailable(
                f"{address.setting}: {address.shown()} has no tables of Jifen yet; run:"
                f" jifen migrate"
            )
        row = connection.execute(
            "SELECT has_table_privilege(%s, 'programme', 'SELECT')", [APP_ROLE]
        ).fetchone()
        if row is None or not row[0]:
            raise DatabaseUnavailable(
                f"{address.setting}: {address.shown()} gives {APP_ROLE} no rights: a restore or a"
                f" migration was stopped; run: jifen migrate"
            )


def migrate_database() -> None:
    """Bring schema and rights up to date. Django must be set up.

    Raises DatabaseUnavailable, with the reason in one line, for a missing right.
    """
    from django.core.management import call_command
    from django.db import DatabaseError, connections

    address = owner_address()
    with connect(address) as connection:
        connection.execute("SELECT pg_advisory_lock(%s)", [MIGRATION_LOCK])
        try:
            _ensure_app_role(connection, address)
            call_command("migrate", database="owner", verbosity=0, interactive=False)
            with connection.transaction():
                _grant(connection)
            _advise(connection)
        except (DatabaseError, psycopg.Error) as error:
            raise DatabaseUnavailable(
                f"{address.setting}: cannot migrate {address.shown()}: {_one_line(error)}"
            ) from error
        finally:
            connections["owner"].close()


def migrate_embedded() -> None:
    """The same for the embedded database, and nothing at all if nothing changed since.

    What it was migrated with is remembered as the database's comment.
    """
    wanted = _DATABASE_COMMENT + _fingerprint()
    with connect(owner_address()) as connection:
        row = connection.execute(
            "SELECT shobj_description(oid, 'pg_database')"
            " FROM pg_database WHERE datname = current_database()"
        ).fetchone()
        if row is not None and row[0] == wanted:
            return
        migrate_database()
        comment = sql.SQL("COMMENT ON DATABASE {} IS {}")
        connection.execute(comment.format(sql.Identifier(connection.info.dbname), wanted))


def _fingerprint() -> str:
    """A digest of all that migrating depends on."""
    digest = hashlib.sha256()
    package = Path(__file__).resolve().parents[1]
    files = sorted(package.glob("**/migrations/*.py"))
    for file in (*files, package / "common" / "tables.py", Path(__file__)):
        digest.update(str(file.relative_to(package)).encode())
        digest.update(file.read_bytes())
    for library in ("Django", "procrastinate"):
        digest.update(version(library).encode())
    return digest.hexdigest()


def _ensure_app_role(connection: psycopg.Connection, address: Address) -> None:
    """Make the application's role, and let the owner act as it."""
    role = sql.Identifier(APP_ROLE)
    row = connection.execute("SELECT to_regrole(%s) IS NOT NULL", [APP_ROLE]).fetchone()
    exists = row is not None and bool(row[0])
    try:
        if not exists:
            connection.execute(sql.SQL("CREATE ROLE {} NOLOGIN").format(role))
        if not _may_act_as(connection, role):
            connection.execute(sql.SQL("GRANT {} TO CURRENT_USER").format(role))
    except psycopg.errors.InsufficientPrivilege:
        user = connection.info.user
        create = "" if exists else f"CREATE ROLE {APP_ROLE}; "
        raise DatabaseUnavailable(
            f"{address.setting}: {user} may not {'use' if exists else 'make'} the role {APP_ROLE};"
            f" as superuser run: {create}GRANT {APP_ROLE} TO {user};"
        ) from None


def _may_act_as(connection: psycopg.Connection, role: sql.Identifier) -> bool:
    try:
        connection.execute(sql.SQL("SET ROLE {}").format(role))
    except psycopg.errors.InsufficientPrivilege:
        return False
    connection.execute("RESET ROLE")
    return True


def _grant(connection: psycopg.Connection) -> None:
    """Give the application's role what the written lists say, and take back the rest."""
    rows = connection.execute(
        "SELECT c.relname, c.relkind = 'S' FROM pg_class c"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p', 'S')"
        " ORDER BY c.relname"
    ).fetchall()
    role = sql.Identifier(APP_ROLE)
    connection.execute(sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(role))
    for name, is_sequence in rows:
        rights = _rights(name, is_sequence=is_sequence)
        kind = sql.SQL("SEQUENCE" if is_sequence else "TABLE")
        thing = sql.Identifier("public", name)
        connection.execute(sql.SQL("REVOKE ALL ON {} {} FROM {}").format(kind, thing, role))
        if rights:
            connection.execute(
                sql.SQL("GRANT {} ON {} {} TO {}").format(sql.SQL(rights), kind, thing, role)
            )
    functions = connection.execute(
        "SELECT p.oid::regprocedure::text FROM pg_proc p"
        " WHERE p.pronamespace = 'public'::regnamespace AND p.proname LIKE 'procrastinate%'"
    ).fetchall()
    for (signature,) in functions:
        statement = f"GRANT EXECUTE ON FUNCTION {signature} TO {APP_ROLE}"
        connection.execute(statement.encode())


def _advise(connection: psycopg.Connection) -> None:
    """Tell the planner that one programme may be a whole table.

    Otherwise many small programmes make it think that reading all of any programme is cheap,
    and the first large one pays for that with every order.
    """
    for name in DISTRIBUTED:
        connection.execute(
            sql.SQL("ALTER TABLE {} ALTER COLUMN programme_id SET (n_distinct = 1)").format(
                sql.Identifier("public", name)
            )
        )


def _rights(name: str, *, is_sequence: bool) -> LiteralString:
    """What the application may do with a table or sequence; empty for what nobody wrote down."""
    local = name.startswith(LOCAL_PREFIXES)
    if is_sequence:
        return "USAGE" if local else ""
    if name == "django_migrations":
        return "SELECT"
    if name in APPEND_ONLY:
        return "SELECT, INSERT"
    return "SELECT, INSERT, UPDATE, DELETE" if local or name in {*DISTRIBUTED, *GLOBAL} else ""


def _one_line(error: BaseException) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[0].removeprefix("connection failed: ") if lines else type(error).__name__
