"""What-ifs of drafts: who is looked at, what is kept of the answer, and that nothing else is."""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection
from tests.world import NOON, OFFSET, RATE, World, rule_set, rungs

from jifen.audience import services as audience
from jifen.audience.rules.conditions import ByTag
from jifen.common.errors import JifenError
from jifen.common.tables import DISTRIBUTED
from jifen.earning import selectors as earning
from jifen.earning.selectors import WhatIf
from jifen.earning.types import Reversal
from jifen.insight import selectors, services
from jifen.insight.models import WhatIfRun
from jifen.insight.types import WhatIfInfo
from jifen.members import services as members
from jifen.members.types import Changes
from jifen.programmes import services as programmes

DAY = timedelta(days=1)
TWICE = {**RATE, "points": 2}


def what_if(world: World, *rules: Any, stores: Any = None, **asked: Any) -> WhatIf:
    document = rule_set(*rules, **asked.pop("document", {}))
    with world.scope():
        found = earning.what_if(
            document=document,
            stores=stores,
            at=asked.pop("at", world.at),
            progress=lambda *_: True,
            **asked,
        )
    assert found is not None
    return found


def draft(world: World, *rules: Any, name: str = "next", **document: Any) -> None:
    with world.scope():
        programmes.save_draft(
            name=name, document=rule_set(*rules, **document), by="test", at=world.at
        )


def asked(world: World, *, name: str = "next", stores: Any = None) -> WhatIfInfo:
    with world.scope():
        return services.start_what_if(draft=name, stores=stores, by="test", at=world.at)


def found(world: World, *, name: str = "next", stores: Any = None) -> WhatIfInfo:
    with world.scope():
        while services.find_what_if(at=world.at):
            pass
        told = selectors.what_if(draft=name, stores=stores, at=world.at)
    assert told is not None
    return told


def test_points_by_tier_store_and_day_and_what_they_cost() -> None:
    world = World(rule_set(offset=OFFSET, ladder={"by": "spend", "rungs": rungs(gold=20_000)}))
    member, other = world.member(), world.member()
    big = world.booked(world.purchase(member, 30_000))
    world.booked(
        world.purchase(member, 10_000, occurred_at=NOON + DAY, store="other"), at=NOON + DAY
    )
    refunded = world.purchase(other, 5_000)
    world.booked(refunded)
    world.booked(world.refund(refunded))
    told = what_if(
        world,
        TWICE,
        document={"offset": {**OFFSET, "worth_minor": 50, "step_points": 2}},
        at=NOON + DAY,
    )
    [effect] = told.effects
    assert (told.orders, told.members, told.since) == (3, 2, date(2026, 5, 4))
    assert told.versions == (1,)
    assert told.unseen == ("ladder",)
    assert (effect.points.now, effect.points.draft) == (400, 800)
    assert (effect.cost_now_minor, effect.cost_draft_minor) == (400, 400)
    assert [(each.of, each.now, each.draft) for each in effect.by_tier] == [
        ("", 300, 600),
        ("gold", 100, 200),
    ]
    assert [(each.of, each.now) for each in effect.by_store] == [("main", 300), ("other", 100)]
    assert [(each.of, each.draft) for each in effect.by_day] == [
        ("2026-06-01", 600),
        ("2026-06-02", 200),
    ]
    assert (effect.gaining, effect.losing) == (1, 0)
    assert (effect.biggest[0].activity_id, effect.biggest[0].draft) == (big.id, 600)


def test_a_point_without_an_offset_has_no_cost() -> None:
    world = World()
    world.booked(world.purchase(world.member(), 30_000))
    [effect] = what_if(world, TWICE).effects
    assert (effect.cost_now_minor, effect.cost_draft_minor) == (None, None)


def test_only_the_last_thirty_local_days_count() -> None:
    world = World(at=NOON - 29 * DAY)
    member = world.member()
    # Midnight in Shanghai is 16:00 of the day before in UTC.
    first = NOON.replace(hour=16) - 30 * DAY
    for at in (first - timedelta(seconds=1), first):
        world.booked(world.purchase(member, 10_000, occurred_at=at), at=world.at)
    told = what_if(world, TWICE, at=NOON)
    assert told.orders == 1
    assert told.effects[0].by_day[0].of == told.since.isoformat() == "2026-05-03"


def test_a_refund_whose_clock_is_ahead_of_its_order_takes_from_it_all_the_same() -> None:
    world = World()
    order, other = (world.purchase(world.member(), minor) for minor in (10_000, 7_000))
    world.book(order, other)
    world.booked(world.refund(order, occurred_at=NOON - timedelta(minutes=2)))
    [effect] = what_if(world, TWICE).effects
    assert (effect.points.now, effect.points.draft) == (70, 140)


def test_a_behaviour_that_was_reversed_is_none() -> None:
    world = World(
        rule_set(
            RATE, {"kind": "behaviour", "code": "r", "on": "review", "points": 5, "unit": "points"}
        )
    )
    member = world.member()
    done = [world.booked(world.behaviour(member, "review")) for _ in range(2)]
    world.booked(
        Reversal(
            key=uuid.uuid4().hex, occurred_at=NOON, of=done[0].id, reason="twice", actor="test"
        )
    )
    told = what_if(world)
    assert (told.behaviours, told.effects[0].points.now, told.effects[0].points.draft) == (1, 5, 0)


def test_segments_and_tags_that_only_the_draft_asks_for_are_those_of_now() -> None:
    world = World()
    member, other = world.member(), world.member()
    with world.scope():
        members.change(member_id=member, changes=Changes(add_tags=("vip",)), actor="test", at=NOON)
        audience.save_segment(
            code="vips", name="VIPs", condition=ByTag(any_of=("vip",)), by="test", at=NOON
        )
    for each in (member, other):
        world.booked(world.purchase(each, 10_000))
    extra = {"kind": "promotion", "code": "x", "multiplier": "3", "when": {}}
    for only in ({"segments": ["vips"]}, {"tags": ["vip"]}):
        [effect] = what_if(world, RATE, {**extra, **only}).effects
        assert (effect.points.now, effect.points.draft, effect.gaining) == (200, 400, 1)


def test_a_cap_that_the_draft_adds_binds_from_the_first_day() -> None:
    world = World()
    member = world.member()
    for number in range(4):
        at = NOON + number * DAY
        world.booked(world.purchase(member, 10_000, occurred_at=at), at=at)
    cap = {"kind": "cap", "code": "m", "per": "month", "points": 250, "unit": "points"}
    [effect] = what_if(world, RATE, cap, at=NOON + 4 * DAY).effects
    assert [each.draft for each in effect.by_day] == [100, 100, 50, 0]


def test_a_cap_binds_also_where_the_rules_in_force_had_nothing_to_bind() -> None:
    """Check-ins gave nothing, so their records do not say how much of the day's cap was used."""
    day = {"kind": "cap", "code": "day", "per": "day", "points": 60, "unit": "points"}
    check_in = {"kind": "behaviour", "code": "in", "on": "check_in", "points": 7, "unit": "points"}
    world = World(rule_set(RATE, day))
    member = world.member()
    world.booked(world.purchase(member, 4_400))
    world.booked(world.behaviour(member, "check_in"))
    [effect] = what_if(world, RATE, check_in, {**day, "points": 20}).effects
    assert (effect.points.now, effect.points.draft) == (44, 20)
    [effect] = what_if(world, RATE, check_in, {**day, "points": 50}).effects
    assert effect.points.draft == 50


def test_what_the_draft_does_not_give_leaves_the_room_of_a_cap_to_others() -> None:
    day = {"kind": "cap", "code": "day", "per": "day", "points": 20, "unit": "points"}
    check_in = {"kind": "behaviour", "code": "in", "on": "check_in", "points": 7, "unit": "points"}
    world = World(rule_set(RATE, check_in, day))
    member = world.member()
    world.booked(world.behaviour(member, "check_in"))
    world.booked(world.purchase(member, 6_000))
    [effect] = what_if(world, RATE, day).effects
    assert (effect.points.now, effect.points.draft) == (20, 20)
    [effect] = what_if(world, RATE, {**day, "points": 50}).effects
    assert effect.points.draft == 50


def test_rules_that_changed_meanwhile_are_told() -> None:
    world = World()
    member = world.member()
    world.booked(world.purchase(member, 10_000))
    world.publish(rule_set(TWICE))
    world.booked(world.purchase(member, 10_000))
    told = what_if(world, TWICE)
    assert told.versions == (1, 2)
    assert (told.effects[0].points.now, told.effects[0].points.draft) == (300, 400)


@pytest.mark.parametrize(
    ("rules", "document", "unseen"),
    [
        ((RATE,), {}, ()),
        ((RATE,), {"deficit": "refuse"}, ("deficit",)),
        ((RATE,), {"expiry": {"points": {"kind": "after", "days": 9}}}, ("expiry",)),
        (
            (
                RATE,
                {"kind": "behaviour", "code": "b", "on": "birthday", "points": 5, "unit": "points"},
            ),
            {},
            ("rules.b",),
        ),
        ((TWICE,), {"offset": OFFSET}, ()),
    ],
)
def test_what_it_does_not_show_is_named(
    rules: Any, document: Mapping[str, Any], unseen: tuple[str, ...]
) -> None:
    assert what_if(World(), *rules, document=document).unseen == unseen


def test_of_many_a_sample_of_members_is_looked_at_always_the_same() -> None:
    world = World()
    people = [world.member() for _ in range(24)]
    world.book(*(world.purchase(each, 10_000) for each in people for _ in range(2)))
    told = what_if(world, TWICE, most=12)
    [effect] = told.effects
    assert told.sample == 4
    chosen = [
        each for each in people if int(hashlib.md5(str(each).encode()).hexdigest()[:8], 16) % 4 == 0
    ]
    assert {each.member_id for each in effect.biggest} <= set(chosen)
    assert chosen
    assert told.members == 4 * len(chosen)
    assert told.orders == 2 * told.members
    assert (effect.points.now, effect.points.draft) == (100 * told.orders, 200 * told.orders)
    assert effect.gaining == told.members
    assert what_if(world, TWICE, most=12) == told


def test_nothing_is_written() -> None:
    world = World(
        rule_set(
            {**RATE, "budget": 500},
            {"kind": "cap", "code": "d", "per": "day", "points": 90, "unit": "points"},
        )
    )
    member = world.member(50)
    order = world.purchase(member, 20_000)
    world.booked(order)
    world.booked(world.refund(order, (0, 1)))
    world.booked(world.purchase(member, 9_000))
    before = books(world)
    assert what_if(world, TWICE).effects
    assert books(world) == before
    world.verify()


def books(world: World) -> dict[str, tuple[int, str]]:
    """How many rows of the programme each table has, and a digest of them."""
    told = {}
    with connection.cursor() as cursor:
        for table in DISTRIBUTED:
            cursor.execute(
                f"SELECT count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {table} t"
                " WHERE programme_id = %s",
                [world.programme.id],
            )
            told[table] = cursor.fetchone()
    return told


# --- asking, and what is kept of the answer -----------------------------------------------------


def test_a_draft_is_tried_by_a_job_and_the_answer_is_kept() -> None:
    world = World()
    world.booked(world.purchase(world.member(), 10_000))
    draft(world, TWICE)
    begun = asked(world)
    assert (begun.status, begun.result, begun.is_current) == ("running", None, True)
    told = found(world)
    assert (told.status, told.done, told.total) == ("done", 1, 1)
    assert told.result is not None
    assert told.result.effects[0].points.draft == 200
    assert (told.started_by, told.ended_at, told.is_current) == ("test", NOON, True)


def test_the_answer_is_of_a_draft_as_it_was_and_of_the_rules_in_force() -> None:
    world = World()
    draft(world, TWICE)
    asked(world)
    assert found(world).is_current
    draft(world, {**RATE, "points": 3})
    assert not found(world).is_current
    draft(world, TWICE)
    assert found(world).is_current
    world.publish(rule_set({**RATE, "points": 5}))
    assert not found(world).is_current


def test_the_same_question_is_not_asked_twice_at_once_and_another_takes_its_place() -> None:
    world = World()
    draft(world, TWICE)
    asked(world)
    asked(world)
    with world.scope():
        [first] = WhatIfRun.objects.all()
    draft(world, {**RATE, "points": 3})
    asked(world)
    with world.scope():
        [second] = WhatIfRun.objects.all()
    assert second.id != first.id
    assert found(world).is_current


def test_a_run_that_was_replaced_writes_nothing_any_more() -> None:
    world = World()
    draft(world, TWICE)
    asked(world)
    seen: list[int] = []

    def stop(done: int, _: int) -> bool:
        seen.append(done)
        return False

    with world.scope():
        assert (
            earning.what_if(document=rule_set(TWICE), stores=None, at=NOON, progress=stop) is None
        )
    assert seen == [0]


def test_a_killed_worker_s_run_begins_again_when_its_claim_is_over() -> None:
    world = World()
    draft(world, TWICE)
    asked(world)
    with world.scope():
        WhatIfRun.objects.update(claimed_until=NOON + timedelta(minutes=2), done=0)
        assert not services.find_what_if(at=NOON)
        assert services.find_what_if(at=NOON + timedelta(minutes=2))
    assert found(world).status == "done"


def test_a_draft_that_could_not_be_published_is_not_tried() -> None:
    world = World()
    draft(world, {**RATE, "unit": "none"})
    with pytest.raises(JifenError) as refused:
        asked(world)
    assert refused.value.code == "invalid_rule_set"


def test_whoever_works_in_some_stores_asks_and_reads_of_these_only() -> None:
    world = World()
    member = world.member()
    world.booked(world.purchase(member, 10_000))
    world.booked(world.purchase(member, 20_000, store="other"))
    draft(world, TWICE)
    asked(world)
    asked(world, stores=("other",))
    whole, part = found(world).result, found(world, stores=("other",)).result
    assert whole is not None
    assert part is not None
    assert whole.effects[0].points.now == 300
    assert part.effects[0].points.now == 200
    assert [each.of for each in part.effects[0].by_store] == ["other"]
    with world.scope():
        assert selectors.what_if(draft="next", stores=("main",), at=world.at) is None


def test_nobody_reads_another_programme_s() -> None:
    world, beside = World(), World()
    draft(world, TWICE)
    draft(beside, TWICE)
    asked(world)
    with beside.scope():
        assert selectors.what_if(draft="next", stores=None, at=NOON) is None
        assert not services.find_what_if(at=NOON)


def test_a_run_ends_once() -> None:
    world = World()
    draft(world, TWICE)
    asked(world)
    with world.scope():
        for values in ({"status": "done"}, {"result": "{}"}, {"done": 1}, {"status": "lost"}):
            with pytest.raises(IntegrityError):
                WhatIfRun.objects.update(**values)
