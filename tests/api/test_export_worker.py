"""Exports as the worker makes them: whole and of one instant, or not there; called off, removed."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from datetime import timedelta
from functools import partial
from typing import Any, TypeVar

import pytest
from django.db import connections
from tests.api.exports import asked, download, exported, made, person, work
from tests.api.shop import NOW, Shop

from jifen.common.scope import scope
from jifen.faces.exporting import runs, tables, working
from jifen.faces.exporting.models import Export, ExportPart
from jifen.ledger import selectors as ledger

pytestmark = pytest.mark.usefixtures("fresh_keys")

T = TypeVar("T")


def elsewhere(act: Callable[[], T]) -> T:
    """What somebody else does at this moment, on a connection of their own."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        try:
            return thread.submit(copy_context().run, act).result()
        finally:
            thread.submit(connections.close_all).result()


class TestWorker:
    """A file is whole, or is not there."""

    def test_a_worker_that_dies_leaves_nothing_and_the_next_one_begins_again(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(tables, "PAGE", 1)
        for number in range(3):
            person(shop, f"1390000000{number}")
        export_id = asked(shop)

        def dies(*_: Any) -> None:
            raise KeyboardInterrupt

        with monkeypatch.context() as patch, scope(shop.programme.id):
            patch.setattr(working, "_keep", dies)
            with pytest.raises(KeyboardInterrupt):
                working.go_on(at=NOW)
            half = shop.get(f"exports/{export_id}").json
            assert (half["status"], half["done"], half["total"]) == ("running", 3, 3)
            assert not ExportPart.objects.filter(export_id=export_id).exists()
            assert not working.go_on(at=NOW), "as long as it may be alive, it has it to itself"
        person(shop, "13900000003")
        with scope(shop.programme.id):
            working.go_on(at=NOW + working.CLAIM * 2)
        told = shop.get(f"exports/{export_id}").json
        assert (told["status"], told["done"]) == ("done", 4)
        assert len(download(shop, export_id).rows) == 4

    def test_a_worker_that_was_thought_dead_writes_nothing_into_the_other_ones_file(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        person(shop)
        export_id = asked(shop)
        keep = working._keep

        def late(row: Export, file: Any, now: Any) -> None:
            # Another one has begun meanwhile, and is at it.
            assert working._claimed(NOW + working.CLAIM * 2) is not None
            keep(row, file, now)

        with scope(shop.programme.id):
            with monkeypatch.context() as patch:
                patch.setattr(working, "_keep", late)
                working.go_on(at=NOW)
            assert not ExportPart.objects.filter(export_id=export_id).exists()
            assert Export.objects.get(id=export_id).status == "running"
            working.go_on(at=NOW + working.CLAIM * 4)
            assert ExportPart.objects.filter(export_id=export_id).count() == 1
        assert shop.get(f"exports/{export_id}").json["status"] == "done"

    def test_what_kills_every_worker_is_given_up(self, shop: Shop) -> None:
        export_id = asked(shop)
        with scope(shop.programme.id):
            Export.objects.filter(id=export_id).update(tries=working.MOST_TRIES)
            working.go_on(at=NOW)
        told = shop.get(f"exports/{export_id}").json
        assert (told["status"], told["fault"]) == ("failed", "given_up")

    def test_called_off_before_and_while_it_is_made(
        self, shop: Shop, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        first = asked(shop)
        assert shop.post(f"exports/{first}/cancel").json["status"] == "cancelled"
        again = shop.post(f"exports/{first}/cancel")
        assert (again.status, again.code) == (409, "export_over")
        person(shop)
        second = asked(shop)
        whole = tables.table

        def slow(*given: Any, **named: Any) -> tables.Table:
            found = whole(*given, **named)
            # Between the first word of it and the first page.
            assert elsewhere(lambda: shop.post(f"exports/{second}/cancel")).status == 200
            return found

        monkeypatch.setattr(tables, "table", slow)
        work(shop)
        with scope(shop.programme.id):
            assert {row.status for row in Export.objects.all()} == {"cancelled"}
            assert not ExportPart.objects.exists()

    def test_it_is_all_of_one_instant(self, shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(tables, "PAGE", 1)
        people = [person(shop, f"1390000000{number}") for number in range(3)]
        balances, seen = ledger.balances_of, iter([True])

        def meanwhile(ids: Any, **named: Any) -> Any:
            if next(seen, False):
                # While the first page is read, everybody buys, and somebody joins.
                for member in people:
                    elsewhere(partial(shop.book, shop.purchase(member, 10_000)))
                elsewhere(lambda: person(shop, "13900000009"))
            return balances(ids, **named)

        monkeypatch.setattr(ledger, "balances_of", meanwhile)
        rows = exported(shop)
        assert [row["member_id"] for row in rows] == people
        assert {row["available:points"] for row in rows} == {"0"}
        assert {row["points"] for row in rows} == {""}

    def test_files_go_after_seven_days_and_the_record_stays(self, shop: Shop) -> None:
        export_id = made(shop)
        with scope(shop.programme.id):
            row = Export.objects.get(id=export_id)
            assert runs.clean(at=row.ended_at + runs.KEPT) == 0
            assert runs.clean(at=row.ended_at + runs.KEPT + timedelta(seconds=1)) == 1
            assert not ExportPart.objects.filter(export_id=export_id).exists()
        refused = shop.get(f"exports/{export_id}/file")
        assert (refused.status, refused.code) == (409, "export_file_removed")
        told = shop.get(f"exports/{export_id}").json
        assert (told["status"], told["kept_until"]) == ("done", None)
        assert told["sha256"]
