"""A history at another store, for tests of who reads what, and somebody who may not read it.

It has words of its own, so that one look at an answer's bytes tells whether it leaked.
"""

import uuid
from typing import Any, Final

from tests.api.shop import NOW, Shop
from tests.api.test_staff import PASSWORD, Browser

from jifen.common.scope import scope
from jifen.faces.exporting import working as exporting
from jifen.programmes import services as programmes
from jifen.programmes import staff

NOBODY: Final = "0197f3a0-7c00-7000-8000-000000000001"
CONDITION: Final = {"kind": "orders", "at_least": 1, "stores": ["north"]}


class Elsewhere:
    """A programme with the stores ``main`` and ``north``, and what was done at ``north``."""

    def __init__(self) -> None:
        self.shop = Shop("wallet")
        with scope(self.shop.programme.id):
            programmes.add_store(code="north", name="North", merchant="main")
        self.mark = f"secret{uuid.uuid4().hex}"
        """What every word of that history holds."""
        shop, mark = self.shop, self.mark
        north = shop.new_key(stores=["north"])
        self.member: str = shop.member()
        who = {"kind": "id", "value": self.member}
        staffed = {"unit": "points", "reason": mark, "actor": mark}
        self.order = self.booked(shop.purchase(self.member, reference=f"R-{mark}"), north)
        gift = {"kind": "gift", "occurred_at": NOW.isoformat(), "member": who, "points": 5}
        self.gift = self.booked({**gift, **staffed}, north)
        acted = {"occurred_at": NOW.isoformat(), "member": who}
        tasting = {**acted, **staffed, "unit": "tastings"}
        self.booked({"kind": "adjustment", "points": 1, **tasting}, north)
        for kind, what in (("top_up", {"paid_minor": 100}), ("pass_use", {"unit": "tastings"})):
            self.booked({"kind": kind, "reference": f"{kind}-{mark}", **acted, **what}, north)
        bulk = {"to": {"kind": "members", "members": [who]}, "points": 5, **staffed}
        run = shop.post("gift-runs", bulk, key=north, Idempotency_Key=uuid.uuid4().hex)
        self.run: str = run.json["id"]
        self.segment = f"s-{mark[:20]}"
        named = {"name": mark, "condition": CONDITION}
        assert shop.call("PUT", f"segments/{self.segment}", named).status == 200
        file = f"phone,name\n13800138000,{mark}\n12,{mark}\n".encode()
        sent = shop.post(f"imports?kind=members&name={mark}.csv", file, content_type="text/csv")
        self.imported: str = sent.json["run"]["id"]
        taken = shop.post("exports", {"kind": "activities", "store": "north"})
        self.exported: str = taken.json["id"]
        with scope(shop.programme.id):
            assert not exporting.go_on(at=NOW)
        with scope(shop.programme.id):
            person = staff.add_staff(
                login=f"w-{mark}", name=mark, role="clerk", password=PASSWORD, at=NOW
            )
        self.person = str(person.id)
        worked = Browser()
        worked.sign_in(f"w-{mark}")
        assert worked.ask("POST", "members/lookup", {"kind": "card", "value": "1"}).status == 404

    def booked(self, body: dict[str, Any], key: str) -> str:
        """Book with an API key; answers the id."""
        answer = self.shop.post("activities", body, key=key, Idempotency_Key=uuid.uuid4().hex)
        assert answer.status == 201, answer.content
        return str(answer.json["id"])

    def place(self, name: str) -> str:
        """What an address with this blank may be filled with: always something of ``north``."""
        places = {
            "member_id": self.member,
            "activity_id": self.order,
            "run_id": self.run,
            "staff_id": self.person,
            "import_id": self.imported,
            "clearing_id": NOBODY,
            "approval_id": NOBODY,
            "export_id": self.exported,
            "name": "none",
            "code": self.segment,
            "version": "1",
        }
        return places[name]

    @property
    def words(self) -> tuple[str, ...]:
        """What tells of it: its texts and its ids."""
        return (self.mark, self.run, self.imported, self.exported, self.person)


def limited(elsewhere: Elsewhere, role: str, stores: tuple[str, ...] = ("main",)) -> Browser:
    """Somebody who works in some stores only."""
    return limited_of(elsewhere.shop, role, *stores)


def limited_of(shop: Shop, role: str, *stores: str) -> Browser:
    """Somebody of a shop who works in these stores only, which are made where they are not."""
    login = f"l-{uuid.uuid4().hex[:12]}"
    with scope(shop.programme.id):
        for code in stores:
            programmes.add_store(code=code, name=code, merchant="main")
        staff.add_staff(login=login, name="Li", role=role, password=PASSWORD, stores=stores, at=NOW)
    browser = Browser()
    assert browser.sign_in(login).status == 201
    return browser
