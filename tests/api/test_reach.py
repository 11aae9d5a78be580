"""Who reads what: every address with every role, from another programme, and from another store.

The history that nobody else may read has words of its own, so that one look at an answer's bytes
tells whether it leaked.
"""

import json
import uuid
from collections.abc import Iterator
from typing import Any, Final

import pytest
from tests.api.shop import NOW, Answer, Shop
from tests.api.test_imports import work
from tests.api.test_staff import PASSWORD, Browser, signed_in

from jifen.common.scope import scope
from jifen.faces.api.open.urls import RIGHTS as ADDRESSES
from jifen.faces.api.serving import ANY_CLIENT, PUBLIC
from jifen.faces.exporting import working as exporting
from jifen.programmes import services as programmes
from jifen.programmes import staff
from jifen.programmes.rules.roles import ROLES

pytestmark = pytest.mark.usefixtures("fresh_keys")

NOBODY: Final = "0197f3a0-7c00-7000-8000-000000000001"
CONDITION: Final = {"kind": "orders", "at_least": 1, "stores": ["north"]}
LIMITED: Final = tuple(role for role in ROLES if role != "owner")


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


@pytest.fixture(scope="module")
def elsewhere() -> Elsewhere:
    from jifen.common.clock import set_clock

    with set_clock(NOW):
        return Elsewhere()


def bodies(elsewhere: Elsewhere) -> dict[str, dict[str, Any]]:
    """A body for what is asked by POST, aimed at what was done at ``north``."""
    at, member = NOW.isoformat(), {"kind": "id", "value": elsewhere.member}
    by = {"occurred_at": at, "reason": "r", "actor": "a"}
    undo = {"kind": "reversal", "of": elsewhere.gift, **by}
    bulk = {"unit": "points", "points": 1, "reason": "r", "actor": "a"}
    to_segment = {**bulk, "to": {"kind": "segment", "segment": elsewhere.segment}}
    cart = {"member": member, "lines": [{"product": "t", "quantity": 1, "amount_minor": 100}]}
    return {
        "activities": undo,
        "activities/preview": undo,
        "activities/batch": {"activities": [{"key": uuid.uuid4().hex, **undo}]},
        "segments/preview": {"condition": CONDITION},
        "segments/<str:code>": {"name": "x", "condition": CONDITION},
        "gift-runs": to_segment,
        "gift-runs/preview": to_segment,
        "checkout/quote": {**cart, "store": "north"},
        "offset/quote": cart,
        "coupons/lookup": {"code": elsewhere.mark[:40]},
        "members/lookup": {"kind": "external", "value": elsewhere.mark},
        "imports/<uuid:import_id>/mapping": {"columns": {"phone": "phone"}},
    }


def asked(browser: Browser, elsewhere: Elsewhere) -> Iterator[tuple[str, str, Answer]]:
    """Every address with every method, filled with what was done at ``north``: which it is, what
    was said in asking, and the answer."""
    given = bodies(elsewhere)
    for address, methods in ADDRESSES.items():
        if address.startswith("session") or PUBLIC in methods.values():
            continue
        path = address
        while "<" in path:
            blank = path[path.index("<") : path.index(">") + 1]
            path = path.replace(blank, elsewhere.place(blank[1:-1].rpartition(":")[2]))
        for method in methods:
            body = given.get(address, {}) if method in {"POST", "PUT", "PATCH"} else None
            headers = {"HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex}
            if address.endswith("batch"):
                headers = {}
            said = path + json.dumps(body)
            yield f"{method} {address}", said, browser.ask(method, path, body, **headers)


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


@pytest.mark.parametrize("role", ROLES)
def test_a_role_opens_what_its_rights_open_and_nothing_else(role: str) -> None:
    shop = Shop()
    browser = signed_in(shop, role)
    for address, methods in ADDRESSES.items():
        path = address.replace("<int:version>", "1").replace("<str:name>", "x")
        path = path.replace("<str:code>", "x")
        while "<uuid:" in path:
            path = path.replace(path[path.index("<") : path.index(">") + 1], NOBODY)
        for method, right in methods.items():
            if right in {PUBLIC, ANY_CLIENT}:
                continue
            answer = browser.ask(method, path, {} if method != "GET" else None)
            refused = answer.status == 403 and answer.json.get("right") == right
            assert refused == (right not in ROLES[role]), (method, address, answer.content[:200])


@pytest.mark.parametrize("role", ROLES)
def test_another_programme_is_never_read(role: str, elsewhere: Elsewhere) -> None:
    words = (*elsewhere.words, elsewhere.member, elsewhere.order, elsewhere.gift)
    assert nothing_is_told(asked(signed_in(Shop(), role), elsewhere), words) > 80


@pytest.mark.parametrize("role", LIMITED)
def test_another_store_is_never_read(role: str, elsewhere: Elsewhere) -> None:
    answers = asked(limited(elsewhere, role), elsewhere)
    assert nothing_is_told(answers, elsewhere.words) > 80


def nothing_is_told(answers: Iterator[tuple[str, str, Answer]], words: tuple[str, ...]) -> int:
    """Check that none of these words is in an answer, unless it was said in asking; answers how
    many were looked at."""
    asked_so_far: list[str] = []
    for what, said, answer in answers:
        asked_so_far.append(said)
        # The record tells what somebody tried themselves, too.
        ours = str(asked_so_far) if what.endswith("staff/acts") else said
        told = [word for word in words if word not in ours and word.encode() in answer.content]
        assert not told, (what, answer.content[:500])
        assert answer.status < 500, (what, answer.content[:500])
    return len(asked_so_far)


class TestStores:
    """Somebody of some stores works there, and only there; members are the programme's."""

    def test_what_one_may_not_read_is_not_there(self, elsewhere: Elsewhere) -> None:
        owner, north = signed_in(elsewhere.shop), limited(elsewhere, "manager", ("north",))
        both = limited(elsewhere, "manager", ("main", "north"))
        main = limited(elsewhere, "manager")
        for path, code in (
            (f"activities/{elsewhere.order}", "unknown_activity"),
            (f"activities/{elsewhere.order}/explain", "unknown_activity"),
            (f"gift-runs/{elsewhere.run}", "unknown_gift_run"),
            (f"segments/{elsewhere.segment}", "unknown_segment"),
            (f"segments/{elsewhere.segment}/ids", "unknown_segment"),
        ):
            for who in (owner, north, both):
                assert who.ask("GET", path).status == 200, path
            assert main.ask("GET", path).code == code

    def test_lists_leave_it_out(self, elsewhere: Elsewhere) -> None:
        path = f"members/{elsewhere.member}/activities"
        seen = [
            {each["store"] for each in who.ask("GET", path).json["activities"]}
            for who in (limited(elsewhere, "clerk"), limited(elsewhere, "clerk", ("north",)))
        ]
        assert seen == [{"main"}, {"north"}]

    def test_what_a_member_holds_is_everybodys_and_why_is_not(self, elsewhere: Elsewhere) -> None:
        path = f"members/{elsewhere.member}"
        main, north = limited(elsewhere, "clerk"), limited(elsewhere, "clerk", ("north",))
        for what in ("balances", "tier"):
            assert main.ask("GET", f"{path}/{what}").json == north.ask("GET", f"{path}/{what}").json
        theirs, ours = (
            who.ask("GET", f"{path}/statement").json["postings"] for who in (main, north)
        )
        assert [row["balance_after"] for row in theirs] == [row["balance_after"] for row in ours]
        assert {row["actor"] for row in theirs} == {""}
        assert elsewhere.mark in {row["actor"] for row in ours}
        lots = main.ask("GET", f"{path}/lots").json["lots"]
        assert {(lot["store"], lot["rule"]) for lot in lots} == {("", "")}

    @pytest.mark.parametrize("where", ["store", "of"])
    def test_nothing_is_booked_elsewhere(self, where: str, elsewhere: Elsewhere) -> None:
        main = limited(elsewhere, "manager")
        body: dict[str, Any] = {"occurred_at": NOW.isoformat()}
        if where == "store":
            body |= elsewhere.shop.purchase(elsewhere.member, store="north")
        else:
            body |= {"kind": "reversal", "of": elsewhere.gift, "reason": "r", "actor": "a"}
        key = {"HTTP_IDEMPOTENCY_KEY": uuid.uuid4().hex}
        for path in ("activities", "activities/preview"):
            refused = main.ask("POST", path, body, **key)
            assert (refused.status, refused.code) == (422, "wrong_store")
            assert refused.json["stores"] == ["main"]

    def test_what_names_no_store_is_booked_at_the_first(self, elsewhere: Elsewhere) -> None:
        both = limited(elsewhere, "clerk", ("north", "main"))
        assert both.ask("GET", "session").json["stores"] == ["main", "north"]
        body = elsewhere.shop.purchase(None, reference=uuid.uuid4().hex)
        booked = both.ask("POST", "activities", body, HTTP_IDEMPOTENCY_KEY=uuid.uuid4().hex)
        assert both.ask("GET", f"activities/{booked.json['id']}").json["store"] == "main"

    def test_the_refund_of_another_stores_order_is_not_theirs(self, elsewhere: Elsewhere) -> None:
        order = {"reference": f"R-{elsewhere.mark}", "store": "north"}
        body = {"kind": "refund", "occurred_at": NOW.isoformat(), "of": order}
        clerk = limited(elsewhere, "clerk")
        refused = clerk.ask("POST", "activities/preview", body)
        assert (refused.status, refused.code) == (422, "wrong_store")

    def test_the_record_is_of_those_who_work_in_the_same_stores(self, elsewhere: Elsewhere) -> None:
        auditor, fellow = limited(elsewhere, "auditor"), limited(elsewhere, "clerk")
        stranger = limited(elsewhere, "clerk", ("north",))
        names = [who.ask("GET", "session").json["login"] for who in (fellow, stranger)]
        seen = {act["login"] for act in auditor.ask("GET", "staff/acts?limit=200").json["acts"]}
        assert names[0] in seen
        assert names[1] not in seen
        people = {each["login"] for each in auditor.ask("GET", "staff").json["staff"]}
        assert names[0] in people
        assert names[1] not in people

    def test_an_import_books_nothing_elsewhere(self) -> None:
        own = Elsewhere()
        owner, main = signed_in(own.shop), limited(own, "manager")
        columns = "kind,order,occurred_at,store,product,amount"
        rows = f"order,N-1,{NOW.isoformat()},north,tea,1000\n"
        rows += f"order,M-1,{NOW.isoformat()},main,tea,1000\n"
        text = f"{columns}\n{rows}".replace(",1000", ",10.00")

        def step(browser: Browser, what: str) -> Any:
            assert browser.ask("POST", f"imports/{import_id}/{what}").status == 202
            work(own.shop)
            return browser.ask("GET", f"imports/{import_id}").json

        # Once all of it is in the books, nobody of another store finds out by trying it.
        import_id = uploaded(owner, text)
        assert step(owner, "run")["run"]["counts"]["orders"] == 2
        import_id = uploaded(main, text)
        for what in ("check", "run"):
            told = step(main, what)
            assert told["reasons"] == {"wrong_store": 1}, told
            assert told["run"]["counts"]["orders"] == 1


def uploaded(browser: Browser, text: str) -> str:
    """Upload a file of orders; answers the import's id."""
    path = "/api/v1/imports?kind=orders&name=o.csv"
    page: dict[str, Any] = {"HTTP_SEC_FETCH_SITE": "same-origin"}
    answer = Answer(browser.http.generic("POST", path, text, "text/csv", **page))
    assert answer.status == 201, answer.content
    return str(answer.json["run"]["id"])


class TestChanging:
    """Where somebody works is said by an owner, and counts at once."""

    def test_stores_come_and_go(self, elsewhere: Elsewhere) -> None:
        owner, login = signed_in(elsewhere.shop), f"c-{uuid.uuid4().hex[:12]}"
        body = {"login": login, "name": "Wang", "role": "clerk", "password": PASSWORD}
        made = owner.ask("POST", "staff", {**body, "stores": ["north"]})
        assert (made.status, made.json["stores"]) == (201, ["north"])
        clerk, path = Browser(), f"activities/{elsewhere.order}"
        clerk.sign_in(login)
        assert clerk.ask("GET", path).status == 200
        one = f"staff/{made.json['id']}"
        assert owner.ask("PATCH", one, {"stores": ["main"]}).json["stores"] == ["main"]
        assert clerk.ask("GET", path).code == "unknown_activity"
        assert owner.ask("PATCH", one, {"name": "Wang Fang"}).json["stores"] == ["main"]
        assert owner.ask("PATCH", one, {"stores": None}).json["stores"] is None
        assert clerk.ask("GET", path).status == 200
        [act, *_] = owner.ask("GET", "staff/acts").json["acts"]
        assert (act["before"]["stores"], act["after"]["stores"]) == (["main"], None)

    @pytest.mark.parametrize(
        ("stores", "status", "code"),
        [(["nowhere"], 404, "unknown_store"), ([], 422, "too_short")],
    )
    def test_a_store_is_one_that_is_there(
        self, elsewhere: Elsewhere, stores: list[str], status: int, code: str
    ) -> None:
        owner, login = signed_in(elsewhere.shop), f"c-{uuid.uuid4().hex[:12]}"
        body = {"login": login, "name": "Wang", "role": "clerk", "password": PASSWORD}
        refused = owner.ask("POST", "staff", {**body, "stores": stores})
        assert (refused.status, refused.code) == (status, code)
        assert owner.ask("POST", "staff", body).status == 201

    def test_an_owner_works_everywhere(self, elsewhere: Elsewhere) -> None:
        owner, login = signed_in(elsewhere.shop), f"c-{uuid.uuid4().hex[:12]}"
        body = {"login": login, "name": "Wang", "role": "owner", "password": PASSWORD}
        refused = owner.ask("POST", "staff", {**body, "stores": ["main"]})
        assert (refused.status, refused.code) == (422, "owner_everywhere")
        made = owner.ask("POST", "staff", {**body, "role": "clerk", "stores": ["main"]}).json
        promoted = owner.ask("PATCH", f"staff/{made['id']}", {"role": "owner"})
        assert promoted.code == "owner_everywhere"
        both = {"role": "owner", "stores": None}
        assert owner.ask("PATCH", f"staff/{made['id']}", both).status == 200


class TestWhole:
    """A person reads a phone whole by asking for it, which needs the right and is on record."""

    def asked(self, shop: Shop) -> str:
        phone = f"138{uuid.uuid4().int % 10**8:08}"
        body = {"identities": [{"kind": "phone", "value": phone}], "name": "Li"}
        made = shop.post("members", body, Idempotency_Key=uuid.uuid4().hex)
        self.phone = phone
        return str(made.json["member"]["id"])

    @pytest.mark.parametrize("role", ROLES)
    def test_it_is_masked_wherever_it_is_shown(self, shop: Shop, role: str) -> None:
        member = self.asked(shop)
        browser = signed_in(shop, role)
        looked = browser.ask("POST", "members/lookup", {"kind": "phone", "value": self.phone})
        assert looked.json["id"] == member
        changed = browser.ask("PATCH", f"members/{member}", {"add_tags": ["tea"]})
        told = [looked, changed, browser.ask("GET", f"members/{member}")]
        told.append(browser.ask("GET", "members"))
        for answer in told:
            assert self.phone.encode() not in answer.content

    def test_who_asks_for_it_is_on_record(self, shop: Shop) -> None:
        member = self.asked(shop)
        owner = signed_in(shop)
        told = owner.ask("GET", f"members/{member}?whole=true")
        assert told.json["identities"] == [{"kind": "phone", "value": f"+86{self.phone}"}]
        [act, *_] = owner.ask("GET", "staff/acts").json["acts"]
        assert act["operation"] == "GET /api/v1/members/<uuid:member_id>"
        assert (act["subject"], act["status"]) == ({"member_id": member}, 200)
        assert self.phone not in json.dumps(act)

    def test_without_the_right_it_is_refused_and_on_record(self, shop: Shop) -> None:
        member = self.asked(shop)
        clerk, owner = signed_in(shop, "clerk"), signed_in(shop)
        refused = clerk.ask("GET", f"members/{member}?whole=true")
        assert (refused.code, refused.json["right"]) == ("forbidden_right", "members.phone")
        assert self.phone.encode() not in refused.content
        acts = owner.ask("GET", "staff/acts").json["acts"]
        assert "forbidden_right" in {act["code"] for act in acts}

    @pytest.mark.parametrize("spelled", ["true", "1", "True"])
    def test_no_spelling_goes_unrecorded(self, shop: Shop, spelled: str) -> None:
        member = self.asked(shop)
        owner = signed_in(shop)
        before = len(owner.ask("GET", "staff/acts").json["acts"])
        told = owner.ask("GET", f"members/{member}?whole={spelled}")
        assert self.phone.encode() not in told.content or (
            len(owner.ask("GET", "staff/acts").json["acts"]) > before
        )

    def test_a_sessions_key_shown_otherwise_is_a_persons_all_the_same(self, shop: Shop) -> None:
        member = self.asked(shop)
        owner = signed_in(shop)
        token = owner.http.cookies["jifen_session"].value
        masked = shop.get(f"members/{member}", key=token)
        assert self.phone.encode() not in masked.content
        assert self.phone.encode() in shop.get(f"members/{member}?whole=true", key=token).content
        [act, *_] = owner.ask("GET", "staff/acts").json["acts"]
        assert act["subject"] == {"member_id": member}

    def test_a_machine_reads_what_its_right_says(self, shop: Shop) -> None:
        member = self.asked(shop)
        assert self.phone.encode() in shop.get(f"members/{member}").content

    def test_the_rejected_lines_of_an_import_are_on_record(self, shop: Shop) -> None:
        file = b"phone,name\n12,Li\n"
        sent = shop.post("imports?kind=members&name=a.csv", file, content_type="text/csv")
        owner = signed_in(shop)
        path = f"imports/{sent.json['run']['id']}"
        assert owner.ask("GET", path).json["rows"] == []
        assert owner.ask("GET", f"{path}/rejected").status == 200
        [act, *_] = owner.ask("GET", "staff/acts").json["acts"]
        assert act["operation"] == "GET /api/v1/imports/<uuid:import_id>/rejected"
