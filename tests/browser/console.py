"""A programme with some history, its staff, and the server that they reach it by."""

import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from jifen.common import clock
from jifen.common.scope import scope
from jifen.earning import services as earning
from jifen.earning.services import Enrolled, NewMember
from jifen.earning.types import (
    Activity,
    Adjustment,
    Booked,
    Caller,
    Line,
    MemberRef,
    OrderRef,
    Purchase,
    Refund,
)
from jifen.faces.cli.startup import PART
from jifen.faces.presets import apply_preset
from jifen.insight import services as reports
from jifen.members.types import IdentityValue
from jifen.programmes import proving, selectors, staff
from jifen.programmes import services as programmes

ROOT: Final = Path(__file__).parents[2]
_SMALL: Final = ("--workers", "1", "--threads", "8")
PASSWORD: Final = "a tall tea house 9"
SETUP_CODE: Final = "abcd-efgh-jkmn-pqrs"
PEOPLE: Final = (
    ("王晓彤", "13105265267"),
    ("周晨", "13005686871"),
    ("周伟", "13405265265"),
    ("陈思远", "13605805801"),
    ("李娜", "13812342186"),
    ("林一", "13512346272"),
    ("赵敏", "13912340011"),
    ("孙悦", "13712340012"),
    ("吴迪", "13312340013"),
    ("郑爽", "13212340014"),
    ("冯涛", "15012340015"),
    ("Chris Novak", "15112340016"),
)
"""Names and phones of the members, in the order they joined."""


class Console:
    """A programme of a preset with twelve members and their orders of two weeks, and the address of
    its console. Made anew it is a programme of its own on the same server."""

    def __init__(self, url: str, preset: str = "starter") -> None:
        self.url = url
        self.now = datetime.now(UTC).replace(microsecond=0)
        opened = self.now - timedelta(days=60)
        made = apply_preset(
            name=preset,
            code=f"browser-{uuid.uuid4().hex[:12]}",
            at=opened,
            opening_on=opened.date(),
        )
        self.programme = made.programme
        self.members: dict[str, str] = {}
        """Ids by name."""
        self.activities: list[str] = []
        """Ids of everything booked, in its order."""
        with scope(self.programme.id):
            client = programmes.internal_client(name="till", at=opened)
            self.caller = Caller(client.client_id, client.name)
        self.draft = "spring"
        """The name of a draft of the rules, as those in force are."""
        self._live()
        with self.scope():
            document = selectors.rule_set(selectors.version_at(self.now)).document
            programmes.save_draft(name=self.draft, document=document, by="林静", at=self.now)
            while reports.refresh(at=self.now):
                pass
        self.owner = self.person("owner", name="林静")
        """The login of an owner; the password of everybody is ``PASSWORD``."""

    @contextmanager
    def scope(self) -> Iterator[None]:
        """The programme's scope."""
        with scope(self.programme.id):
            yield

    def person(self, role: str, *, name: str = "Li Na") -> str:
        """One more person of the staff; answers the login."""
        login = f"{role}-{uuid.uuid4().hex[:8]}"
        with self.scope():
            staff.add_staff(login=login, name=name, role=role, password=PASSWORD, at=clock.now())
        return login

    def session(self, login: str) -> str:
        """A new session of somebody, for the cookie."""
        signed_in = proving.sign_in(
            login=login, password=PASSWORD, address=uuid.uuid4().hex, at=clock.now()
        )
        return signed_in.token

    def member(self, name: str, phone: str, *, at: datetime | None = None) -> str:
        """Enrol somebody; answers the id."""
        joined_at = at or self.now
        phone_of = (IdentityValue("phone", phone),)
        new = NewMember(uuid.uuid4().hex, phone_of, name=name, occurred_at=joined_at)
        with self.scope():
            [answer] = earning.enrol(members=[new], caller=self.caller, at=joined_at)
        assert isinstance(answer, Enrolled), answer
        self.members[name] = str(answer.member_id)
        return self.members[name]

    def book(self, *activities: Activity, at: datetime | None = None) -> list[str]:
        """Book what must succeed; answers the ids."""
        with self.scope():
            outcomes = earning.book(activities=activities, caller=self.caller, at=at or self.now)
        ids = []
        for outcome in outcomes:
            assert isinstance(outcome, Booked), outcome
            ids.append(str(outcome.id))
        self.activities += ids
        return ids

    def order(
        self, name: str, minor: int, *, at: datetime, reference: str | None = None
    ) -> Purchase:
        """An order of a member, of one line."""
        key = uuid.uuid4().hex
        return Purchase(
            key=key,
            occurred_at=at,
            reference=reference or key[:10].upper(),
            lines=(Line("tea", 1, minor),),
            member=MemberRef("id", self.members[name]),
        )

    def _live(self) -> None:
        """Two weeks of a small shop: orders of everybody, a refund, an adjustment."""
        began = self.now - timedelta(days=20)
        for number, (name, phone) in enumerate(PEOPLE):
            self.member(name, phone, at=began + timedelta(hours=number))
        for number, (name, _) in enumerate(PEOPLE):
            for visit in range(1 + number % 4):
                at = began + timedelta(days=2 + visit * 3, hours=number)
                self.book(self.order(name, 3_800 + 4_150 * number + 900 * visit, at=at), at=at)
        at = self.now - timedelta(days=2)
        bought = self.order("李娜", 25_600, at=at, reference="T-2026-0001")
        self.book(bought, at=at)
        back = Refund(
            key=uuid.uuid4().hex,
            occurred_at=at + timedelta(hours=3),
            of=OrderRef(bought.reference, store=bought.store),
        )
        gift = Adjustment(
            key=uuid.uuid4().hex,
            occurred_at=at + timedelta(hours=4),
            member=MemberRef("id", self.members["李娜"]),
            unit="points",
            points=200,
            reason="生日补赠",
            actor="林静",
        )
        for activity in (back, gift):
            self.book(activity, at=activity.occurred_at)


@contextmanager
def serving() -> Iterator[str]:
    """A real ``jifen serve`` on this run's database; answers its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    process = subprocess.Popen(
        [sys.executable, "-m", "jifen.faces.cli.main", "serve", "--port", str(port), *_SMALL],
        # It sees our end, however we end, by the end of its standard input.
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        # Its log: a pipe that nobody reads would fill up and stop it.
        stderr=subprocess.DEVNULL,
        env={
            **os.environ,
            "PYTHONPATH": str(ROOT / "src"),
            "JIFEN_POOL": "6",
            "JIFEN_SETUP_CODE": SETUP_CODE,
            PART: "1",
        },
        start_new_session=True,
    )
    url = f"http://127.0.0.1:{port}"
    try:
        _wait(url, process)
        yield url
    finally:
        process.terminate()
        try:
            process.wait(timeout=20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait(url: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        try:
            with urllib.request.urlopen(f"{url}/console/", timeout=5):
                return
        except urllib.error.HTTPError as error:
            raise AssertionError(error.read().decode()) from error
        except OSError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError("jifen serve did not answer") from error
            time.sleep(0.1)
