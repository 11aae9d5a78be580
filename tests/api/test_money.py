"""Coupons, top-ups and uses of passes over HTTP: found, listed, and only by whoever may."""

import uuid
from typing import Any

import pytest
from tests.api.shop import NOW, Answer, Shop, later
from tests.api.test_wallet import act, done, give, top_up, with_points

from jifen.common.clock import set_clock
from jifen.common.scope import scope
from jifen.programmes import services as programmes
from jifen.programmes.types import RIGHTS

STAFF = {"reason": "for the test", "actor": "tester"}


@pytest.fixture
def tea() -> Shop:
    """A shop with stored value, coupons and passes, and a second store of its own merchant."""
    shop = Shop("wallet")
    with scope(shop.programme.id):
        programmes.add_store(code="north", name="North", merchant="main")
    return shop


def issued(shop: Shop, coupon: str, member: str | None = None, count: int = 1) -> list[str]:
    """Issue coupons; answers their codes."""
    booked = done(act(shop, "coupon_issue", member, coupon=coupon, count=count, **STAFF))
    return [each["code"] for each in booked["coupons"]]


def listed(answer: Answer, name: str) -> list[dict[str, Any]]:
    assert answer.status == 200, answer.content
    return list(answer.json[name])


def pages(shop: Shop, path: str, name: str) -> list[list[dict[str, Any]]]:
    """A list page by page, until its end."""
    found, cursor = [], ""
    while True:
        answer = shop.get(path + cursor)
        found.append(listed(answer, name))
        if answer.json["next_cursor"] is None:
            return found
        cursor = f"&cursor={answer.json['next_cursor']}"


class TestCoupons:
    """All coupons of a programme."""

    def test_by_kind_and_state_page_by_page(self, tea: Shop) -> None:
        member = tea.member()
        tea_codes = issued(tea, "tea", member, 3)
        cakes = issued(tea, "cake", count=2)
        void = done(act(tea, "coupon_void", coupon=tea_codes[0], **STAFF))
        order = tea.purchase(member, 5_000, coupons=[tea_codes[1]])
        order["lines"][0]["category"] = "tea"
        used = done(tea.book(order))
        every = pages(tea, "coupons?limit=2", "coupons")
        assert [len(page) for page in every] == [2, 2, 1]
        codes = [each["code"] for page in every for each in page]
        assert codes == [*reversed(cakes), *reversed(tea_codes)]
        for query, wanted in (
            ("kind=cake", cakes),
            ("kind=tea&status=issued", tea_codes[2:]),
            ("status=void", tea_codes[:1]),
            ("status=used", tea_codes[1:2]),
            ("status=held", []),
            ("kind=nothing", []),
        ):
            rows = listed(tea.get(f"coupons?{query}"), "coupons")
            assert sorted(each["code"] for each in rows) == sorted(wanted), query
        by_code = {each["code"]: each for page in every for each in page}
        assert by_code[tea_codes[0]]["holder_id"] == void["id"]
        assert by_code[tea_codes[1]]["holder_id"] == used["id"]
        assert by_code[tea_codes[2]]["holder_id"] is None
        assert tea.get(f"activities/{by_code[cakes[0]]['issue_id']}").json["kind"] == "coupon_issue"

    def test_what_is_over_reads_so(self, tea: Shop) -> None:
        member = tea.member()
        [code] = issued(tea, "fifty", member)
        order = tea.purchase(member, 40_000, coupons=[code])
        held = done(tea.book({**order, "kind": "checkout", "minutes": 30}))
        [row] = listed(tea.get("coupons?status=held"), "coupons")
        assert (row["status"], row["holder_id"]) == ("held", held["id"])
        assert row["held_until"] == later(minutes=30).isoformat().replace("+00:00", "Z")
        with set_clock(later(minutes=30)):
            [row] = listed(tea.get("coupons?status=held"), "coupons")
            assert (row["status"], row["holder_id"], row["held_until"]) == ("issued", None, None)
        [other] = issued(tea, "fifty", member)
        with set_clock(later(days=31)):
            [row] = listed(tea.get("coupons?status=issued"), "coupons")
            assert (row["code"], row["status"]) == (other, "expired")

    def test_a_bearers_code_is_whole_for_who_may_issue_one(self, tea: Shop) -> None:
        member = tea.member()
        [bearers], [members] = issued(tea, "cake"), issued(tea, "cake", member)
        looking = tea.new_key(rights=["balances.read"])
        shown = [each["code"] for each in listed(tea.get("coupons", key=looking), "coupons")]
        assert shown == [members, f"****-{bearers[-4:]}"]
        shown = [each["code"] for each in listed(tea.get("coupons"), "coupons")]
        assert shown == [members, bearers]

    def test_it_needs_its_right_and_known_states(self, tea: Shop) -> None:
        refused = tea.new_key(rights=RIGHTS - {"balances.read"})
        assert tea.get("coupons", key=refused).code == "forbidden_right"
        assert tea.get("coupons?status=expired").code == "unknown_value"
        assert tea.get("coupons?cursor=x").code == "invalid_cursor"

    def test_another_programmes_are_not_there(self, tea: Shop) -> None:
        issued(tea, "cake", count=3)
        assert listed(Shop("wallet").get("coupons"), "coupons") == []


class TestTopUps:
    """Top-ups, as they stand after their refunds."""

    def test_what_was_paid_in_given_and_paid_out(self, tea: Shop) -> None:
        # A bearer may hold less.
        member = tea.member(name="Li Na")
        small, large = (top_up(tea, member, minor) for minor in (25_050, 120_000))
        reference = tea.get(f"activities/{large['id']}").json["reference"]
        act(tea, "top_up_refund", of={"reference": reference}, minor=40_000)
        rows = listed(tea.get("top-ups"), "top_ups")
        assert [row["id"] for row in rows] == [large["id"], small["id"]]
        assert rows[0] == {
            "id": large["id"],
            "member_id": member,
            "store": "main",
            "reference": reference,
            "occurred_at": NOW.isoformat().replace("+00:00", "Z"),
            "paid_minor": 120_000,
            "refunded_minor": 40_000,
            # 800.00 are left of it, which reach no step.
            "gave": {"bonus": 8_000},
        }
        assert (rows[1]["refunded_minor"], rows[1]["gave"]) == (0, {"bonus": 2_000})

    def test_by_reference_member_store_and_day(self, tea: Shop) -> None:
        one, other = tea.member(), tea.member()
        wanted: dict[str, str] = {}
        for name, member, store, days in (
            ("a", one, "main", 2),
            ("b", one, "north", 1),
            ("c", other, "main", 0),
        ):
            body = {"reference": name, "paid_minor": 1_000, "store": store}
            at = later(days=-days).isoformat()
            wanted[name] = done(act(tea, "top_up", member, **body, occurred_at=at))["id"]
        day = later(days=-1).date()
        for query, names in (
            ("", "cba"),
            ("reference=b", "b"),
            ("reference=b&store=main", ""),
            (f"member={one}", "ba"),
            (f"member={one}&store=main", "a"),
            ("store=main", "ca"),
            (f"since={day}", "cb"),
            (f"until={day}", "a"),
            (f"since={day}&until={later().date()}&store=north", "b"),
            (f"reference=a&since={day}", ""),
            (f"reference=a&member={other}", ""),
            (f"member={other}&until={day}", ""),
        ):
            rows = listed(tea.get(f"top-ups?{query}"), "top_ups")
            assert [row["id"] for row in rows] == [wanted[name] for name in names], query

    @pytest.mark.parametrize("filtered", [False, True])
    def test_page_by_page_in_the_order_of_time(self, tea: Shop, *, filtered: bool) -> None:
        member = tea.member()
        ids = {}
        for days in (3, 1, 2, 1, 5):
            at = later(days=-days).isoformat()
            store = "north" if days == 1 else "main"
            body = {"reference": uuid.uuid4().hex, "paid_minor": 1_000, "store": store}
            ids[done(act(tea, "top_up", member, **body, occurred_at=at))["id"]] = days
        path = f"top-ups?limit=2&until={later(days=-1).date()}"
        path += f"&member={member}" if filtered else ""
        found = pages(tea, path, "top_ups")
        assert [[ids[row["id"]] for row in page] for page in found] == [[2, 3], [5]]
        path = path.replace(f"&until={later(days=-1).date()}", "")
        found = pages(tea, path, "top_ups")
        assert [ids[row["id"]] for page in found for row in page] == [1, 1, 2, 3, 5]
        assert len({row["id"] for page in found for row in page}) == 5

    def test_a_merged_members_are_the_survivors_too(self, tea: Shop) -> None:
        survivor, other = tea.member(), tea.member()
        booked = top_up(tea, other, 1_000)
        body = {"occurred_at": NOW.isoformat(), "other": {"kind": "id", "value": other}, **STAFF}
        merged = tea.post(f"members/{survivor}/merge", body, Idempotency_Key=uuid.uuid4().hex)
        assert merged.status == 201, merged.content
        [row] = listed(tea.get(f"top-ups?member={survivor}"), "top_ups")
        assert row["id"] == booked["id"]


class TestPassUses:
    """Uses of passes."""

    def test_used_and_undone(self, tea: Shop) -> None:
        member = with_points(tea, 1_000)
        done(act(tea, "conversion", member, code="tastings"))
        first, second = (
            done(act(tea, "pass_use", member, unit="tastings", count=count, reference=name))
            for count, name in ((2, "P1"), (1, "P2"))
        )
        done(act(tea, "reversal", of=first["id"], **STAFF))
        rows = listed(tea.get("pass-uses"), "pass_uses")
        assert [(row["id"], row["count"], row["is_undone"]) for row in rows] == [
            (second["id"], 1, False),
            (first["id"], 2, True),
        ]
        assert {(row["unit"], row["member_id"], row["store"]) for row in rows} == {
            ("tastings", member, "main")
        }
        [row] = listed(tea.get("pass-uses?reference=P1"), "pass_uses")
        assert row["id"] == first["id"]
        assert listed(tea.get("top-ups"), "top_ups") == []


@pytest.mark.parametrize(("path", "name"), [("top-ups", "top_ups"), ("pass-uses", "pass_uses")])
class TestReach:
    """Who reads the lists."""

    def booked(self, tea: Shop) -> None:
        """A top-up and the use of a pass at each of two stores."""
        member = tea.member()
        done(act(tea, "adjustment", member, unit="tastings", points=2, **STAFF))
        for store in ("main", "north"):
            body = {"reference": f"R-{store}", "store": store}
            done(act(tea, "top_up", member, paid_minor=1_000, **body))
            done(act(tea, "pass_use", member, unit="tastings", **body))
        self.member = member

    def test_it_needs_its_right(self, tea: Shop, path: str, name: str) -> None:
        self.booked(tea)
        refused = tea.new_key(rights=RIGHTS - {"activities.read"})
        assert tea.get(path, key=refused).code == "forbidden_right"
        assert len(listed(tea.get(path), name)) == 2

    def test_somebody_of_a_store_reads_of_that_one_only(
        self, tea: Shop, path: str, name: str
    ) -> None:
        self.booked(tea)
        north = tea.new_key(stores=["north"])
        for query in ("", f"?member={self.member}", "?store=north"):
            rows = listed(tea.get(path + query, key=north), name)
            assert [row["store"] for row in rows] == ["north"], query
        assert listed(tea.get(f"{path}?reference=R-main", key=north), name) == []
        assert tea.get(f"{path}?store=main", key=north).code == "wrong_store"

    def test_what_is_not_there(self, tea: Shop, path: str, name: str) -> None:
        self.booked(tea)
        assert tea.get(f"{path}?store=nowhere").code == "unknown_store"
        assert tea.get(f"{path}?since=1066-01-01").code == "invalid_period"
        assert listed(tea.get(f"{path}?member={uuid.uuid4()}"), name) == []
        assert listed(Shop("wallet").get(path), name) == []


def test_the_reports_by_store_and_day(tea: Shop) -> None:
    member = tea.member()
    booked = top_up(tea, member, 50_000)
    reference = tea.get(f"activities/{booked['id']}").json["reference"]
    done(act(tea, "top_up_refund", of={"reference": reference}, minor=10_000))
    [code] = issued(tea, "fifty", member)
    order = tea.purchase(member, 40_000, coupons=[code], stored_minor=11_000, store="north")
    done(tea.book(order))
    give_pass = {"unit": "tastings", "points": 3, **STAFF}
    done(act(tea, "adjustment", member, **give_pass))
    done(act(tea, "pass_use", member, unit="tastings", count=2))
    give(tea, member, 5)
    sums = {
        "top_ups": 1,
        "paid_minor": 50_000,
        "refunds": 1,
        "refunded_minor": 10_000,
        "bonus_minor": 4_000,
    }
    told = tea.get("reports/top-ups").json
    assert told["days"] == [{"day": "2026-07-01", "store": "main", **sums}]
    assert told["total"] == sums
    assert set(told["before"].values()) == {0}
    told = tea.get("reports/uses").json
    none = {"principal_minor": 0, "bonus_minor": 0, "coupons": 0, "passes": 0}
    north = {"principal_minor": 10_000, "bonus_minor": 1_000, "coupons": 1, "passes": 0}
    assert told["days"] == [
        {"day": "2026-07-01", "store": "main", **none, "passes": 2},
        {"day": "2026-07-01", "store": "north", **north},
    ]
    assert tea.get("reports/uses?store=north").json["total"] == north
    done(tea.book({"kind": "refund", "occurred_at": NOW.isoformat(), "of": {
        "reference": order["reference"], "store": "north"}, "store": "north"}))  # fmt: skip
    assert tea.get("reports/uses?store=north").json["days"] == []
    tomorrow = later(days=1)
    with set_clock(tomorrow):
        week = tea.get("reports/top-ups?since=2026-07-02&until=2026-07-03").json
        assert (week["days"], week["before"]) == ([], sums)


def test_who_may_read_members_reads_their_names(tea: Shop) -> None:
    named, nameless = tea.member(name="李娜"), tea.member()
    for member in (named, nameless):
        done(act(tea, "adjustment", member, unit="tastings", points=1, **STAFF))
        done(act(tea, "top_up", member, paid_minor=1_000, reference=f"R-{member}"))
        done(act(tea, "pass_use", member, unit="tastings", reference=f"P-{member}"))
        issued(tea, "tea", member)
    issued(tea, "cake")
    unread = tea.new_key(rights=RIGHTS - {"members.read"})
    for path in ("top-ups", "pass-uses", "coupons"):
        assert tea.get(path).json["names"] == {named: "李娜"}, path
        assert tea.get(path, key=unread).json["names"] == {}, path
