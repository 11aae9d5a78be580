"""How points end, through HTTP: L3, notices, expiry runs, clears, and who may do what."""

import uuid
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from tests.api.shop import Shop
from tests.mails import Mailbox, mailbox

from jifen.common.clock import set_clock
from jifen.programmes.types import RIGHTS

SHANGHAI = ZoneInfo("Asia/Shanghai")
OPEN = datetime(2026, 3, 1, 12, tzinfo=SHANGHAI)
MAY_1 = date(2026, 5, 1)


@pytest.fixture
def box(monkeypatch: pytest.MonkeyPatch) -> Iterator[Mailbox]:
    with mailbox(monkeypatch) as found:
        yield found


def at(month: int, day: int, hour: int = 12) -> datetime:
    return datetime(2026, month, day, hour, tzinfo=SHANGHAI)


def buyer(shop: Shop, now: datetime, *, mail: str | None = None, points: int = 100) -> str:
    """A member with an order of so many points."""
    member = shop.member() if mail is None else mailed(shop, mail)
    order = shop.purchase(member, points * 100, at=now)
    assert shop.book(order).status == 201
    return member


def mailed(shop: Shop, address: str) -> str:
    """A member with an e-mail address."""
    identities = [{"kind": "email", "value": address}]
    answer = shop.post("members", {"identities": identities, "name": "李梅"},
                       Idempotency_Key=uuid.uuid4().hex)  # fmt: skip
    assert answer.status == 201, answer.content
    return str(answer.json["member"]["id"])


def told(shop: Shop, now: datetime) -> dict[str, int]:
    """Plan and send on a day; what became of it."""
    with set_clock(now):
        assert shop.post("notices/plan", {}).status == 200
        return dict(shop.post("notices/send", {}).json)


def test_l3_clear_all_on_the_first_of_may(box: Mailbox) -> None:
    """Notices 30 and 7 days before; who has none on record does not lose points in silence: the
    run reports it."""
    with set_clock(OPEN):
        shop = Shop("l3", at=OPEN)
        reached = buyer(shop, OPEN, mail="Mei@Example.com")
        nameless = buyer(shop, OPEN, points=70)
    for day in (at(4, 1), at(4, 2), at(4, 23), at(4, 24)):
        told(shop, day)
    with set_clock(at(4, 28)):
        newcomer = buyer(shop, at(4, 28), mail="late@example.com", points=50)

    sent = shop_notices(shop, reached)
    assert [(n["days_before"], n["ends_on"], n["points"], n["state"]) for n in sent] == [
        (7, "2026-05-01", 100, "sent"),
        (30, "2026-05-01", 100, "sent"),
    ]
    assert [n["reason"] for n in shop_notices(shop, nameless)] == ["no_address"] * 2
    assert shop_notices(shop, newcomer) == []
    assert len(box.to("mei@example.com")) == 2

    with set_clock(at(5, 1, 23)):
        [clear] = shop.get("clears").json["clears"]
        early = shop.post(f"clears/{clear['id']}/runs", {})
        assert (early.status, early.code) == (409, "clearing_not_due")
        assert shop.available(reached) == 100
        preview = shop.post(f"clears/{clear['id']}/preview").json
        assert preview == {
            "closes": [{"unit": "points", "store": "main", "lots": 1, "members": 1, "points": 100}],
            "leaves": {"points": {"members": 2, "points": 120}},
        }
    with set_clock(at(5, 2, 1)):
        report = shop.post(f"clears/{clear['id']}/runs", {}).json
        assert report["run"]["totals"] == {"points": {"accounts": 1, "lots": 1, "points": 100}}
        assert report["run"]["untold"] == {"points": {"members": 2, "points": 120}}
        assert {(u["member_id"], u["points"], u["reason"]) for u in report["untold"]} == {
            (nameless, 70, "no_address"),
            (newcomer, 50, "not_planned"),
        }
        assert [shop.available(each) for each in (reached, nameless, newcomer)] == [0, 70, 50]
        assert shop.post("verify").json["ok"]

        assert shop.post("notices/late").json == {"notices": 2}
        assert shop.post("notices/send", {}).json == {"sent": 1, "again": 0, "failed": 1}
        assert len(box.to("late@example.com")) == 1
    with set_clock(at(5, 10, 1)):
        again = shop.post(f"clears/{clear['id']}/runs", {}).json
        assert again["run"]["totals"]["points"]["points"] == 50
        assert [u["member_id"] for u in again["untold"]] == [nameless]
        assert [shop.available(each) for each in (reached, nameless, newcomer)] == [0, 70, 0]
        assert shop.post("verify").json["ok"]


def shop_notices(shop: Shop, member: str) -> list[dict[str, Any]]:
    return list(shop.get(f"members/{member}/notices").json["notices"])


def test_a_notice_is_a_mail_in_both_languages(box: Mailbox) -> None:
    with set_clock(OPEN):
        shop = Shop("l3", at=OPEN)
        buyer(shop, OPEN, mail="mei@example.com", points=1_234)
    told(shop, at(4, 1))
    [mail] = box.mails
    assert mail["To"] == "mei@example.com"
    assert mail["From"] == "points@shop.example"
    assert mail["Subject"] == "您的 1,234 积分即将清零 / Your 1,234 points will be cleared"
    text = mail.get_content()
    assert "您好，李梅：「场景 L3」的积分将于 2026-05-01 日终清零，您现有 1,234 积分。" in text
    assert "Hello 李梅, all points at 场景 L3 are cleared at the end of 2026-05-01." in text
    assert mail["Message-ID"].endswith("@notices.jifen>")


def test_a_server_that_refuses_an_address_is_not_asked_again(box: Mailbox) -> None:
    with set_clock(OPEN):
        shop = Shop("l3", at=OPEN)
        gone = buyer(shop, OPEN, mail="gone@example.com")
        full = buyer(shop, OPEN, mail="full@example.com")
    box.refuses = {
        "gone@example.com": "550 no such mailbox",
        "full@example.com": "452 mailbox is full",
    }
    assert told(shop, at(4, 1)) == {"sent": 0, "again": 1, "failed": 1}
    assert shop_notices(shop, gone)[0]["reason"] == "address_refused"
    assert shop_notices(shop, full)[0]["state"] == "planned"
    box.refuses.clear()
    with set_clock(at(4, 1) + timedelta(minutes=2)):
        assert shop.post("notices/send", {}).json["sent"] == 1
    assert shop_notices(shop, full)[0]["state"] == "sent"
    with set_clock(at(4, 1) + timedelta(minutes=3)):
        assert shop.post("notices/retry").json == {"notices": 1}
        assert shop.post("notices/send", {}).json == {"sent": 1, "again": 0, "failed": 0}


def test_a_mail_that_is_refused_for_good_has_failed(box: Mailbox) -> None:
    with set_clock(OPEN):
        shop = Shop("l3", at=OPEN)
        member = buyer(shop, OPEN, mail="mei@example.com")
    box.refuses_data = "554 we do not want it"
    assert told(shop, at(4, 1))["failed"] == 1
    assert shop_notices(shop, member)[0]["reason"] == "message_refused"


def test_without_settings_mails_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("JIFEN_SMTP_HOST", raising=False)
    with set_clock(OPEN):
        shop = Shop("l3", at=OPEN)
        member = buyer(shop, OPEN, mail="mei@example.com")
    assert told(shop, at(4, 1)) == {"sent": 0, "again": 1, "failed": 0}
    assert shop_notices(shop, member)[0]["state"] == "planned"


def test_an_email_identity_is_one_spelling_and_masked() -> None:
    shop = Shop()
    member = mailed(shop, " Mei.Li@Example.COM ")
    blind = shop.new_key(rights=RIGHTS - {"members.phone"})
    found = shop.post("members/lookup", {"kind": "email", "value": "MEI.LI@example.com"})
    assert found.json["id"] == member
    assert found.json["identities"] == [{"kind": "email", "value": "mei.li@example.com"}]
    seen = shop.get(f"members/{member}", key=blind).json["identities"]
    assert seen == [{"kind": "email", "value": "m***@example.com"}]
    for bad in ("mei", "mei@", "@example.com", "a b@example.com", "mei@example", "mei@-x.com\n"):
        answer = shop.post("members/lookup", {"kind": "email", "value": bad})
        assert (answer.status, answer.code) == (422, "invalid_email"), bad


def test_an_expiry_run_is_previewed_run_and_read() -> None:
    with set_clock(OPEN):
        shop = Shop("l1", at=OPEN)
        members = [buyer(shop, OPEN, points=10 + n) for n in range(3)]
    with set_clock(datetime(2027, 3, 2, 1, tzinfo=SHANGHAI)):
        assert [shop.available(member) for member in members] == [0, 0, 0]
        preview = shop.post("expiry/preview").json
        assert preview["closes"] == [
            {"unit": "points", "store": "main", "lots": 3, "members": 3, "points": 33}
        ]
        first = shop.post("expiry/runs", {"limit": 2}).json["run"]
        assert (first["finished_at"], first["totals"]["points"]["accounts"]) == (None, 2)
        second = shop.post("expiry/runs", {"limit": 2}).json["run"]
        assert second["id"] == first["id"]
        assert second["finished_at"] is not None
        assert shop.get(f"runs/{first['id']}").json == second
        assert shop.get("runs?kind=expiry").json["runs"] == [second]
        assert shop.get("runs?kind=clear").json["runs"] == []
        assert shop.get("expiry/untold").json == {"untold": [], "next_cursor": None}
        assert shop.post("verify").json["ok"]


def test_who_was_not_told_is_listed_page_by_page() -> None:
    with set_clock(OPEN):
        shop = Shop("l3", at=OPEN)
        members = {buyer(shop, OPEN) for _ in range(3)}
    with set_clock(at(5, 2)):
        shop.post("notices/plan", {})
        [clear] = [c for c in shop.get("clears").json["clears"] if c["ends_on"] > "2027"]
        path = f"clears/{clear['id']}/untold"
        first = shop.get(f"{path}?limit=2").json
        rest = shop.get(f"{path}?limit=2&cursor={first['next_cursor']}").json
    assert rest["next_cursor"] is None
    found = [*first["untold"], *rest["untold"]]
    assert {each["member_id"] for each in found} == members
    assert len(found) == 3


def test_a_clear_is_announced_read_and_taken_back() -> None:
    shop = Shop()
    body = {"unit": "points", "on": "2026-08-01", "days": [14], "reason": "a new year"}
    made = shop.post("clears", body)
    assert made.status == 201
    assert made.json["ends_at"] == "2026-08-01T16:00:00Z"
    assert (made.json["days"], made.json["required"], made.json["state"]) == (
        [14],
        True,
        "announced",
    )
    assert shop.get(f"clears/{made.json['id']}").json == made.json
    again = shop.post("clears", body)
    assert (again.status, again.code) == (409, "clearing_announced")
    assert shop.post(f"clears/{made.json['id']}/cancel").json["state"] == "cancelled"
    over = shop.post(f"clears/{made.json['id']}/cancel")
    assert (over.status, over.code) == (409, "clearing_over")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        ({"unit": "points"}, "missing_field"),
        ({"unit": "stars", "on": "2026-08-01"}, "unknown_unit"),
        ({"unit": "points", "on": "2026-06-30"}, "day_over"),
        ({"unit": "points", "on": "tomorrow"}, "invalid_time"),
        ({"unit": "points", "on": "2026-08-01", "days": []}, "too_short"),
        ({"unit": "points", "on": "2026-08-01", "days": [-1]}, "too_small"),
        ({"unit": "points", "on": "2026-08-01", "days": [1.5]}, "fractional_number"),
        ({"unit": "points", "on": "2026-08-01", "also": 1}, "unknown_field"),
    ],
)
def test_a_clear_that_cannot_be_is_refused(body: dict[str, Any], code: str) -> None:
    shop = Shop()
    assert shop.post("clears", body).code == code


def test_each_address_asks_for_its_right() -> None:
    shop = Shop()
    reader = shop.new_key(rights={"endings.read"})
    writer = shop.new_key(rights={"endings.write"})
    unknown = uuid.uuid4()
    reads = [("GET", "notices"), ("GET", "runs"), ("GET", "clears"), ("GET", "expiry/untold"),
             ("POST", "expiry/preview"), ("POST", "notices/preview")]  # fmt: skip
    writes = ["notices/plan", "notices/late", "notices/retry", "notices/send", "expiry/runs"]
    for method, path in reads:
        assert shop.call(method, path, {} if method == "POST" else None, key=reader).status == 200
        assert shop.call(method, path, key=writer).code == "forbidden_right"
    for path in writes:
        assert shop.post(path, {}, key=writer).status == 200
        assert shop.post(path, {}, key=reader).code == "forbidden_right"
    for path, code in (("runs", "unknown_run"), ("clears", "unknown_clearing")):
        assert shop.get(f"{path}/{unknown}", key=reader).code == code
    assert shop.get(f"members/{unknown}/notices", key=reader).code == "unknown_member"


def test_another_programmes_things_are_unknown() -> None:
    here, there = Shop(), Shop()
    clear = here.post("clears", {"unit": "points", "on": "2026-08-01"}).json["id"]
    run = here.post("expiry/runs", {}).json["run"]["id"]
    assert there.get(f"clears/{clear}").code == "unknown_clearing"
    assert there.post(f"clears/{clear}/runs", {}).code == "unknown_clearing"
    assert there.post(f"clears/{clear}/cancel").code == "unknown_clearing"
    assert there.get(f"runs/{run}").code == "unknown_run"
    assert there.get("clears").json["clears"] == []
