"""Whether a backup may be restored is known without reading what is there."""

from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
from tests.world import World

from jifen.common.database import owner_address
from jifen.faces.backup.archive import FORMAT, Backup, Manifest
from jifen.faces.backup.errors import DatabaseNotEmpty
from jifen.faces.backup.restoring import check_fit


def test_no_table_is_counted_but_that_of_the_programmes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever wanted to count the lots would have to wait for another's lock."""
    World()
    manifest = Manifest(
        format=FORMAT,
        jifen="1",
        at=datetime(2026, 6, 1, tzinfo=UTC),
        postgres="17",
        pg_dump=17,
        migrations=(),
        counts={},
        bytes=0,
        sha256="",
    )
    address = owner_address()
    with closing(psycopg.connect(address.url)) as other:
        other.execute("LOCK TABLE lot IN ACCESS EXCLUSIVE MODE")
        monkeypatch.setenv("PGOPTIONS", "-c lock_timeout=1s")
        with pytest.raises(DatabaseNotEmpty, match="holds programmes"):
            check_fit(backup=Backup(Path("none"), manifest, 0), address=address, place="here")
