"""Somebody of some stores: what they see and book there, what they do not elsewhere, and who says
where they work.
"""

import uuid
from typing import Any

import pytest
from tests.api.elsewhere import Elsewhere, limited
from tests.api.shop import NOW, Answer
from tests.api.test_imports import work
from tests.api.test_staff import PASSWORD, Browser, signed_in

pytestmark = pytest.mark.usefixtures("fresh_keys")


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
