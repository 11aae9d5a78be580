"""The demo programme: made once, kept, and gone on with when it was stopped half-way."""

import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jifen.common.scope import scope
from jifen.earning import selectors as earning
from jifen.earning.exports import balance_rows
from jifen.faces import demo
from jifen.insight import selectors as reports
from jifen.ledger.services import verify
from jifen.programmes import proving, staff
from jifen.programmes import selectors as programmes
from jifen.programmes.types import SignedIn, WrongLogin

CHOSEN = "another tea house 7"
AT = datetime(2026, 6, 10, 4, tzinfo=UTC)


def test_the_demo_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_HOME", str(tmp_path))
    made = demo.ensure_demo(at=AT)
    for secret in ("demo_key", "demo_password"):
        assert (tmp_path / secret).stat().st_mode & 0o777 == 0o600
    client = programmes.authenticate(raw_key=made.key, at=AT)
    programme = programmes.programme_by_code(made.programme)
    assert client.programme_id == programme.id
    assert programme.currency == "CNY"
    with scope(programme.id):
        before = list(balance_rows(at=AT))
        last = earning.activity_by_reference(reference="539722")
        assert verify().ok
        # Whoever opens the dashboard first finds its members counted.
        assert sum(tier.members for tier in reports.tiers(store=None, at=AT).tiers) == 115
        assert reports.cohorts(store=None).cohorts
    assert len(before) == 115
    assert AT - timedelta(days=8) < last.occurred_at < AT

    assert demo.ensure_demo(at=AT + timedelta(days=3)) == made

    (tmp_path / "demo_key").unlink()
    other = demo.ensure_demo(at=AT + timedelta(days=30))
    assert other.key != made.key
    assert programmes.authenticate(raw_key=other.key, at=AT).programme_id == programme.id
    with scope(programme.id):
        assert list(balance_rows(at=AT)) == before
        assert programmes.version_at(AT) == 1
    assert (other.login, other.password) == (made.login, made.password)


def test_the_demos_owner(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("JIFEN_HOME", str(tmp_path))
    made = demo.ensure_demo(at=AT)
    assert made.password is not None
    session = signed_in(made.login, made.password)
    assert (session.staff.login, session.staff.role) == ("demo", "owner")
    again = demo.ensure_demo(at=AT)
    assert (again.login, again.password) == (made.login, made.password)

    # Changed in the console: what the file says opens nothing, and the next start leaves it so.
    with scope(programmes.programme_by_code(made.programme).id):
        person = staff.staff_by_login(made.login)
        staff.set_password(staff_id=person.id, password=CHOSEN, at=AT)
    assert demo.ensure_demo(at=AT).password is None
    assert signed_in(made.login, CHOSEN).token
    with pytest.raises(WrongLogin):
        signed_in(made.login, made.password)

    # Without the file a new one is made, so that nobody is shut out.
    (tmp_path / "demo_password").unlink()
    anew = demo.ensure_demo(at=AT)
    assert anew.password is not None
    assert anew.password not in {made.password, CHOSEN}
    assert signed_in(made.login, anew.password).token


def signed_in(login: str, password: str) -> SignedIn:
    return proving.sign_in(login=login, password=password, address=uuid.uuid4().hex, at=AT)
