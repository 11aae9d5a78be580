"""Imports over HTTP: uploaded, mapped, checked, run by the worker, read while it works."""

import csv
import io
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import quote

import pytest
from openpyxl import Workbook
from tests.api.shop import NOW, Answer, Shop
from tests.api.test_staff import Browser, signed_in

from jifen.common.scope import scope
from jifen.faces.importing import uploads, working
from jifen.programmes.types import RIGHTS

CSV = "text/csv"
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
PEOPLE = "会员编号,手机号,姓名,积分\nm1,13800138001,李娜,100\nm2,12,王伟,5\nm3,13800138003,张三,\n"
ORDERS = (
    "单号,时间,手机号,商品编码,数量,金额\n"
    "A1,2026/6/1 9:05,13800138001,tea,2,59.80\n"
    "A1,,,cup,1,39.00\n"
    "A2,2026/6/1 9:06,,tea,1,29.90\n"
    "A3,yesterday,13800138001,tea,1,1\n"
    "A4,2030/1/1 9:00,13800138001,tea,1,1\n"
)


def upload(
    shop: Shop, content: str | bytes, kind: str = "members", media: str = CSV, **options: Any
) -> Answer:
    raw = content.encode() if isinstance(content, str) else content
    path = f"imports?kind={kind}&name={quote('会员.csv')}"
    return shop.call("POST", path, raw, content_type=media, **options)


def made(shop: Shop, content: str | bytes, kind: str = "members", media: str = CSV) -> str:
    answer = upload(shop, content, kind, media)
    assert answer.status == 201, answer.content
    return str(answer.json["run"]["id"])


def work(shop: Shop) -> None:
    """What the worker does until nothing is left."""
    with scope(shop.programme.id):
        while working.go_on(at=NOW):
            pass


def order(shop: Shop, import_id: str, what: str) -> Mapping[str, Any]:
    """Have it checked or run, and wait for it."""
    answer = shop.post(f"imports/{import_id}/{what}")
    assert answer.status == 202, answer.content
    work(shop)
    found: Mapping[str, Any] = shop.get(f"imports/{import_id}").json
    return found


def members(shop: Shop) -> int:
    return len(shop.get("members?limit=200").json["members"])


def rejected(answer: Answer) -> list[list[str]]:
    assert answer.status == 200, answer.content
    assert answer.headers["Content-Type"] == CSV
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))


class TestMembers:
    """A file of members, from the upload to the lines that were left out."""

    def test_from_the_file_to_the_members(self, shop: Shop) -> None:
        uploaded = upload(shop, PEOPLE)
        told = uploaded.json
        assert (uploaded.status, told["run"]["status"], told["run"]["lines"]) == (
            201,
            "uploaded",
            3,
        )
        assert told["run"]["columns"] == ["会员编号", "手机号", "姓名", "积分"]
        assert told["run"]["mapping"] == {
            "external_id": "会员编号",
            "phone": "手机号",
            "name": "姓名",
            "points": "积分",
        }
        assert told["rows"][0] == ["m1", "13800138001", "李娜", "100"]
        assert {
            "name": "points",
            "required": False,
            "one_of": "",
            "needs": "adjust",
            "values": [],
        } in told["targets"]
        path = f"imports/{told['run']['id']}"

        checked = order(shop, told["run"]["id"], "check")
        assert checked["run"]["status"] == "checked"
        counts = {"lines": 3, "enrolled": 2, "rejected": 1}
        assert checked["run"]["counts"] == {**counts, "points_brought": 100}
        assert checked["rejected"] == [{"line": 3, "reason": "invalid_phone"}]
        assert checked["reasons"] == {"invalid_phone": 1}
        assert members(shop) == 0, "a check writes nothing"

        done = order(shop, told["run"]["id"], "run")
        assert (done["run"]["status"], done["run"]["done"], done["run"]["total"]) == ("done", 3, 3)
        assert done["run"]["counts"] == {**counts, "known": 0}
        assert members(shop) == 2
        [found] = [m for m in shop.get("members").json["members"] if m["name"] == "李娜"]
        assert shop.available(found["id"]) == 100
        assert rejected(shop.get(f"{path}/rejected")) == [
            ["line", "reason", "会员编号", "手机号", "姓名", "积分"],
            ["3", "invalid_phone", "m2", "12", "王伟", "5"],
        ]
        assert shop.post(f"{path}/run").json["status"] == "done", "again changes nothing"
        assert shop.post(f"{path}/check").code == "import_not_open"

        again = made(shop, PEOPLE)
        assert order(shop, again, "check")["run"]["counts"]["known"] == 2
        assert order(shop, again, "run")["run"]["counts"]["enrolled"] == 0
        assert members(shop) == 2
        assert shop.available(found["id"]) == 100

    @pytest.mark.parametrize(
        ("content", "media", "encoding"),
        [(PEOPLE.encode("gb18030"), CSV, "gb18030"), (None, XLSX, "xlsx")],
        ids=["gb18030", "xlsx"],
    )
    def test_excel_writes_it(
        self, shop: Shop, content: bytes | None, media: str, encoding: str
    ) -> None:
        if content is None:
            book = Workbook()
            for line in csv.reader(PEOPLE.splitlines()):
                book.active.append([int(cell) if cell.isdigit() else cell for cell in line])
            file = io.BytesIO()
            book.save(file)
            content = file.getvalue()
        import_id = made(shop, content, media=media)
        run = order(shop, import_id, "run")["run"]
        assert (run["encoding"], run["counts"]["enrolled"]) == (encoding, 2)
        assert {m["name"] for m in shop.get("members").json["members"]} == {"李娜", "张三"}

    def test_names_of_tiers_and_stores_stand_for_their_codes(self, shop: Shop) -> None:
        store = shop.get("programme").json["stores"][0]
        lines = f"手机号,等级,门店\n13800138001,高级,{store['name']}\n13800138002,皇帝,\n"
        done = order(shop, made(shop, lines), "run")
        assert done["run"]["counts"]["enrolled"] == 1
        assert done["reasons"] == {"unknown_tier": 1}
        assert shop.get("members").json["members"][0]["tier"] == "senior"

    def test_a_chosen_mapping_counts(self, shop: Shop) -> None:
        import_id = made(shop, "a,b\n13800138001,Li\n")
        path = f"imports/{import_id}"
        assert shop.post(f"{path}/check").code == "invalid_mapping"
        told = shop.call("PUT", f"{path}/mapping", {"columns": {"phone": "a", "name": "b"}})
        assert (told.status, told.json["run"]["mapping"]) == (200, {"phone": "a", "name": "b"})
        assert order(shop, import_id, "check")["run"]["counts"]["enrolled"] == 1
        told = shop.call("PUT", f"{path}/mapping", {"columns": {"external_id": "a"}})
        assert (told.json["run"]["status"], told.json["run"]["counts"]) == ("uploaded", {})
        order(shop, import_id, "run")
        assert shop.get("members").json["members"][0]["name"] == ""
        refused = shop.call("PUT", f"{path}/mapping", {"columns": {"phone": "a"}})
        assert (refused.status, refused.code) == (409, "import_not_open")


class TestOrders:
    """A file of orders."""

    def test_from_the_file_to_the_points(self, shop: Shop) -> None:
        import_id = made(shop, ORDERS, "orders")
        told = shop.get(f"imports/{import_id}").json
        assert told["run"]["fixed"] == {"member_kind": "phone"}
        checked = order(shop, import_id, "check")
        assert checked["run"]["counts"] == {"lines": 5, "orders": 2, "new": 2, "rejected": 2}
        assert checked["reasons"] == {"occurred_at_not_a_time": 1, "time_in_future": 1}
        assert members(shop) == 0
        done = order(shop, import_id, "run")["run"]
        assert done["status"] == "done"
        assert done["counts"] == {
            "lines": 5,
            "orders": 2,
            "refunds": 0,
            "new": 2,
            "known": 0,
            "points_earned": 98,
            "points_clawed_back": 0,
            "rejected": 2,
        }
        member = shop.post("members/lookup", {"kind": "phone", "value": "13800138001"}).json
        assert shop.available(member["id"]) == 98
        lines = rejected(shop.get(f"imports/{import_id}/rejected"))
        assert [line[:3] for line in lines[1:]] == [
            ["5", "occurred_at_not_a_time", "A3"],
            ["6", "time_in_future", "A4"],
        ]
        again = order(shop, made(shop, ORDERS, "orders"), "check")["run"]["counts"]
        assert (again["known"], again.get("new", 0)) == (2, 0)
        assert shop.post("verify").json["ok"]

    def test_a_refund_finds_its_order_in_the_same_file(self, shop: Shop) -> None:
        lines = (
            "类型,单号,时间,会员号,金额,数量,原单号,商品\n"
            "销售,A1,2026-06-01 09:00,m1,100,1,,tea\n"
            "退货,R1,2026-06-02 09:00,,,,A1,\n"
            "退货,R2,2026-06-02 09:00,,,,A9,\n"
        )
        import_id = made(shop, lines, "orders")
        counts = order(shop, import_id, "check")["run"]["counts"]
        assert (counts["orders"], counts["refunds"], counts["rejected"]) == (1, 1, 1)
        done = order(shop, import_id, "run")
        assert (done["run"]["counts"]["refunds"], done["reasons"]) == (1, {"unknown_order": 1})
        assert done["run"]["counts"]["points_clawed_back"] == 100

    def test_the_bounds_of_who_starts_it_hold(self, shop: Shop) -> None:
        key = shop.new_key(backdate_days=7)
        import_id = upload(shop, ORDERS, "orders", key=key).json["run"]["id"]
        assert shop.post(f"imports/{import_id}/run", key=key).status == 202
        work(shop)
        reasons = shop.get(f"imports/{import_id}", key=key).json["reasons"]
        assert reasons["time_too_early"] == 3

    def test_a_worker_that_dies_goes_on_and_books_nothing_twice(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(working, "BATCH", 2)
        lines = "单号,时间,会员号,金额,商品\n" + "".join(
            f"A{n},2026-06-01 09:00,m{n % 3},10.00,tea\n" for n in range(7)
        )
        import_id = made(shop, lines, "orders")
        shop.post(f"imports/{import_id}/run")
        whole = working._Progress.write
        left = iter([True, True, False])

        def dies(progress: Any, done: int, found: Any) -> bool:
            if not next(left):
                # The batch is in the books; nobody wrote that down.
                raise KeyboardInterrupt
            return whole(progress, done, found)

        with monkeypatch.context() as patch, scope(shop.programme.id):
            patch.setattr(working._Progress, "write", dies)
            with pytest.raises(KeyboardInterrupt):
                working.go_on(at=NOW)
        half = shop.get(f"imports/{import_id}").json["run"]
        assert (half["status"], half["done"], half["total"]) == ("running", 2, 7)
        work(shop)
        done = shop.get(f"imports/{import_id}").json["run"]
        assert (done["status"], done["done"], done["counts"]["orders"]) == ("done", 7, 7)
        assert (done["counts"]["new"], done["counts"]["known"]) == (5, 2)
        held = [shop.available(m["id"]) for m in shop.get("members").json["members"]]
        assert sum(held) == 70
        assert shop.post("verify").json["ok"]

    def test_an_import_that_a_worker_is_at_is_left_to_it(self, shop: Shop) -> None:
        import_id = made(shop, ORDERS, "orders")
        shop.post(f"imports/{import_id}/run")
        with scope(shop.programme.id):
            assert working._claimed(uuid.UUID(import_id), NOW)
            assert working._claimed(uuid.UUID(import_id), NOW) is None
            assert not working.go_on(at=NOW)
            assert shop.get(f"imports/{import_id}").json["run"]["status"] == "running"
            working.go_on(at=NOW + working.CLAIM)
        assert shop.get(f"imports/{import_id}").json["run"]["status"] == "done"

    def test_a_run_takes_turns(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(working, "BATCH", 1)
        monkeypatch.setattr(working, "STEP_S", 0)
        import_id = made(shop, PEOPLE)
        shop.post(f"imports/{import_id}/run")
        seen = []
        with scope(shop.programme.id):
            while working.go_on(at=NOW):
                seen.append(shop.get(f"imports/{import_id}").json["run"]["done"])
        assert seen == [1, 2, 3]
        assert shop.get(f"imports/{import_id}").json["run"]["counts"]["enrolled"] == 2


class TestRefused:
    """What cannot be imported is refused by name, and nothing is kept of it."""

    @pytest.mark.parametrize(
        ("content", "media", "status", "code"),
        [
            (" \n", CSV, 422, "unreadable_file"),
            ("phone\n", CSV, 422, "unreadable_file"),
            ("x" * 70_000 + "\n1\n", CSV, 422, "unreadable_file"),
            (b"\x89PNG\0", CSV, 422, "unreadable_file"),
            (b"PK\x03\x04 broken", XLSX, 422, "unreadable_file"),
            (PEOPLE, XLSX, 422, "unreadable_file"),
            (PEOPLE, "image/png", 415, "unsupported_media_type"),
            (PEOPLE, "application/json", 415, "unsupported_media_type"),
            (b"a" * (16 * 1024 * 1024 + 1), CSV, 413, "body_too_large"),
        ],
        ids=[
            *("empty", "only a header", "long header", "picture", "broken", "no workbook"),
            *("type", "json", "large"),
        ],
    )
    def test_a_file_that_is_none(
        self, shop: Shop, content: str | bytes, media: str, status: int, code: str
    ) -> None:
        refused = upload(shop, content, media=media)
        assert (refused.status, refused.code) == (status, code)
        assert shop.get("imports").json["imports"] == []

    def test_a_kind_or_name_that_is_none(self, shop: Shop) -> None:
        assert upload(shop, PEOPLE, "cats").status == 422
        refused = shop.call("POST", "imports?kind=members", PEOPLE.encode(), content_type=CSV)
        assert refused.code == "missing_field"

    def test_bad_lines_are_left_out_one_by_one(self, shop: Shop) -> None:
        content = (
            b"phone,name\n13800138001,\xff\xfe\n13800138002,"
            + b"x" * 2_000_000
            + b"\n13800138003,Li,more\n13800138004,Li\n13800138004,Wang\n"
        )
        done = order(shop, made(shop, content), "run")
        assert done["run"]["counts"]["enrolled"] == 1
        assert [each["reason"] for each in done["rejected"]] == [
            "invalid_utf8",
            "line_too_long",
            "bad_columns",
            "phone_is_in_line_5",
        ]
        assert done["reasons"]["phone_is_in_line"] == 1

    @pytest.mark.parametrize(
        "body",
        [
            {},
            {"columns": {}},
            {"columns": {"name": "姓名"}},
            {"columns": {"phone": "no such"}},
            {"columns": {"phone": "手机号", "shoe_size": "积分"}},
            {"columns": {"phone": "手机号", "card": "手机号"}},
            {"columns": {"phone": "手机号"}, "fixed": {"store": "moon"}},
            {"columns": {"phone": "手机号"}, "fixed": {"name": "Li"}},
            {"columns": {"phone": 7}},
        ],
        ids=str,
    )
    def test_a_mapping_that_does_not_fit(self, shop: Shop, body: Any) -> None:
        import_id = made(shop, PEOPLE)
        before = shop.get(f"imports/{import_id}").json
        refused = shop.call("PUT", f"imports/{import_id}/mapping", body)
        assert refused.status == 422
        assert refused.code in {"invalid_mapping", "missing_field", "wrong_type"}
        assert shop.get(f"imports/{import_id}").json == before


class TestWhoMay:
    """Rights, other programmes, and phones."""

    def test_another_programmes_import_is_not_there(self, shop: Shop) -> None:
        import_id, other = made(shop, PEOPLE), Shop()
        for method, path, body in (
            ("GET", "", None),
            ("GET", "/rejected", None),
            ("PUT", "/mapping", {"columns": {"phone": "手机号"}}),
            ("POST", "/check", None),
            ("POST", "/run", None),
        ):
            answer = other.call(method, f"imports/{import_id}{path}", body)
            assert (answer.status, answer.code) == (404, "unknown_import"), path
        assert other.get("imports").json["imports"] == []
        assert other.get(f"imports/{uuid.uuid4()}").code == "unknown_import"

    @pytest.mark.parametrize(
        ("kind", "content", "lacking"),
        [
            ("members", PEOPLE, "members.write"),
            ("orders", ORDERS, "activities.write"),
            ("orders", ORDERS, "members.write"),
        ],
    )
    def test_a_right_is_missing(self, shop: Shop, kind: str, content: str, lacking: str) -> None:
        import_id = made(shop, content, kind)
        key = shop.new_key(rights=RIGHTS - {lacking})
        assert upload(shop, content, kind, key=key).code == "forbidden_right"
        for what in ("check", "run"):
            refused = shop.post(f"imports/{import_id}/{what}", key=key)
            assert (refused.code, refused.json["right"]) == ("forbidden_right", lacking)

    def test_points_are_brought_by_who_may_adjust(self, shop: Shop) -> None:
        key = shop.new_key(rights=RIGHTS - {"adjust"})
        import_id = upload(shop, PEOPLE, key=key).json["run"]["id"]
        path = f"imports/{import_id}"
        for what in ("check", "run"):
            assert shop.post(f"{path}/{what}", key=key).json["right"] == "adjust"
        body = {"columns": {"phone": "手机号", "points": "积分"}}
        assert shop.call("PUT", f"{path}/mapping", body, key=key).json["right"] == "adjust"
        plain = {"columns": {"phone": "手机号", "name": "姓名"}}
        assert shop.call("PUT", f"{path}/mapping", plain, key=key).status == 200
        assert shop.post(f"{path}/run", key=key).status == 202

    def test_what_is_in_a_file_is_for_who_uploaded_it(self, shop: Shop) -> None:
        import_id = made(shop, PEOPLE)
        order(shop, import_id, "check")
        key = shop.new_key(rights=RIGHTS - {"members.phone"})
        told = shop.get(f"imports/{import_id}", key=key)
        assert "13800138001" not in told.content.decode()
        assert (told.json["rows"], told.json["rejected"]) == ([], [])
        assert told.json["reasons"] == {"invalid_phone": 1}
        refused = shop.get(f"imports/{import_id}/rejected", key=key)
        assert (refused.code, refused.json["right"]) == ("forbidden_right", "members.phone")
        mine = upload(shop, PEOPLE, key=key).json["run"]["id"]
        assert shop.get(f"imports/{mine}", key=key).json["rows"]
        assert shop.get(f"imports/{mine}/rejected", key=key).status == 200

    def test_a_clerk_imports_from_the_console(self, shop: Shop) -> None:
        browser: Browser = signed_in(shop, "clerk")
        path = "/api/v1/imports?kind=members&name=m.csv"
        page: dict[str, Any] = {"HTTP_SEC_FETCH_SITE": "same-origin"}
        answer = Answer(browser.http.generic("POST", path, "phone\n13800138001\n", CSV, **page))
        assert answer.status == 201
        assert answer.json["run"]["uploaded_by"].startswith("clerk-")
        listed = browser.ask("GET", "imports").json["imports"]
        assert [each["is_mine"] for each in listed] == [True]


class TestKeeping:
    """Files name people, so they go; what was counted stays."""

    def test_a_file_is_removed_after_a_week(self, shop: Shop) -> None:
        import_id = made(shop, PEOPLE)
        order(shop, import_id, "check")
        with scope(shop.programme.id):
            assert uploads.clean(at=NOW + uploads.KEPT) == 0
            assert uploads.clean(at=NOW + uploads.KEPT + timedelta(seconds=1)) == 1
            assert uploads.clean(at=NOW + uploads.KEPT + timedelta(seconds=1)) == 0
        told = shop.get(f"imports/{import_id}").json
        assert (told["rows"], told["run"]["counts"]["enrolled"]) == ([], 2)
        assert told["run"]["removed_at"]
        for what in ("check", "run"):
            assert shop.post(f"imports/{import_id}/{what}").code == "import_file_removed"
        lines = rejected(shop.get(f"imports/{import_id}/rejected"))
        assert lines == [["line", "reason"], ["3", "invalid_phone"]]

    def test_the_list_goes_on_by_cursor(self, shop: Shop) -> None:
        ids = [made(shop, PEOPLE) for _ in range(3)]
        page = shop.get("imports?limit=2").json
        rest = shop.get(f"imports?limit=2&cursor={page['next_cursor']}").json
        assert [each["id"] for each in (*page["imports"], *rest["imports"])] == ids[::-1]
        assert rest["next_cursor"] is None
