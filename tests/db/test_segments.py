"""Segments: who is in them, asked of the database in one statement, inside one programme."""

from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.people import erasure, freeze, leave, merge, undo
from tests.world import RATE, World, owner, rule_set, rungs

from jifen.audience import selectors, services
from jifen.audience.models import Segment
from jifen.audience.types import Condition, UnknownSegment
from jifen.common.errors import JifenError
from jifen.common.sql import composed
from jifen.earning.types import Behaviour
from jifen.members import services as members
from jifen.members.types import Changes
from jifen.tiers.models import Standing

CONDITIONS = msgspec.json.Decoder(Condition)
LADDER = {"by": "spend", "rungs": rungs(silver=10_000, gold=100_000)}


def read(condition: Mapping[str, Any]) -> Condition:
    found: Condition = CONDITIONS.decode(msgspec.json.encode(condition))
    return found


def chosen(world: World, condition: Mapping[str, Any], at: datetime | None = None) -> set[UUID]:
    """The members whom the condition chooses; the count must say as many."""
    at = at or world.at
    with world.scope():
        found = selectors.members(read(condition), at=at, after=None, limit=1_000)
        assert selectors.count(read(condition), at=at) == len(found)
    assert len(set(found)) == len(found)
    return set(found)


class Town:
    """A programme with members of every sort. Each attribute is a member."""

    def __init__(self) -> None:
        world = self.world = World(rule_set(RATE, ladder=LADDER))
        self.at = world.at
        self.new = self.person()
        self.small = self.person(store="main", birthday_on=date(1990, 6, 3))
        self.large = self.person(store="other", birthday_on=date(1988, 2, 29))
        self.lapsed = self.person(birthday_on=date(1970, 12, 31))
        self.back = self.person()
        self.visitor = self.person()
        self.order(self.small, 5_000, days=10)
        self.order(self.small, 6_000, days=100, store="other")
        self.order(self.large, 90_000, days=3)
        self.order(self.large, 20_000, days=0, store="other")
        self.order(self.lapsed, 30_000, days=200)
        returned = self.order(self.back, 40_000, days=20)
        world.booked(world.refund(returned, occurred_at=self.at - timedelta(days=5)))
        world.booked(self.visit(self.visitor, days=2))
        self.tag(self.small, "茶", "VIP")
        self.tag(self.large, "vip")

    def person(self, **values: Any) -> UUID:
        return self.world.member(**values)

    def order(self, member: UUID, amount: int, *, days: int, store: str = "main") -> Any:
        order = self.world.purchase(
            member, amount, store=store, occurred_at=self.at - timedelta(days=days)
        )
        self.world.booked(order)
        return order

    def visit(self, member: UUID, *, days: int) -> Behaviour:
        at = self.at - timedelta(days=days)
        return self.world.behaviour(member, "visit", occurred_at=at)

    def tag(self, member: UUID, *tags: str) -> None:
        with self.world.scope():
            changes = Changes(add_tags=tags)
            members.change(member_id=member, changes=changes, actor="test", at=self.at)


@pytest.fixture(scope="module")
def town() -> Town:
    return Town()


EVERYBODY = {"new", "small", "large", "lapsed", "back", "visitor"}


def is_(kind: str, **values: Any) -> dict[str, Any]:
    return {"kind": kind, **values}


@pytest.mark.parametrize(
    ("condition", "names"),
    [
        (is_("spend", at_least_minor=11_000), {"small", "large", "lapsed"}),
        (is_("spend", at_least_minor=11_001), {"large", "lapsed"}),
        (is_("spend", below_minor=11_000), {"new", "back", "visitor"}),
        (is_("spend", at_least_minor=1, days=30), {"small", "large"}),
        (is_("spend", at_least_minor=5_001, days=30), {"large"}),
        (is_("spend", at_least_minor=1, stores=["other"]), {"small", "large"}),
        (is_("spend", at_least_minor=20_000, days=30, stores=["other"]), {"large"}),
        (is_("spend", below_minor=1, days=300), {"new", "back", "visitor"}),
        (is_("orders", at_least=2), {"small", "large"}),
        (is_("orders", at_least=1, below=2), {"lapsed"}),
        (is_("orders", at_least=2, days=30), {"large"}),
        (is_("orders", below=1), {"new", "back", "visitor"}),
        (is_("last_order", days=10), {"small", "large"}),
        (is_("last_order", days=9), {"large"}),
        (is_("last_order", days=30), {"small", "large", "back"}),
        (is_("last_visit", days=9), {"large", "visitor"}),
        (is_("last_visit", days=0, stores=["other"]), {"large"}),
        (is_("tier", any_of=["gold"]), {"large"}),
        (is_("tier", any_of=["silver", "gold"]), {"small", "large", "lapsed"}),
        (is_("tier", any_of=[""]), {"new", "back", "visitor"}),
        (is_("tag", any_of=["VIP"]), {"small", "large"}),
        (is_("tag", any_of=[" 茶 ", "nobody"]), {"small"}),
        (is_("birthday", first="06-01", last="06-30"), {"small"}),
        (is_("birthday", first="12-31", last="01-01"), {"lapsed"}),
        (is_("birthday", first="02-28", last="02-28"), {"large"}),
        (is_("birthday", next_days=2), {"small"}),
        (is_("birthday", next_days=1), set()),
        (is_("store", any_of=["main"]), {"small"}),
        (is_("store", any_of=["main", "other"]), {"small", "large"}),
        (is_("enrolled", days=0), EVERYBODY),
        (is_("enrolled", since="2026-06-01"), EVERYBODY),
        (is_("enrolled", since="2026-06-02"), set()),
        (is_("enrolled", until="2026-06-01"), set()),
        (is_("enrolled", since="2026-06-01", until="2026-06-02"), EVERYBODY),
    ],
    # A set has no order that two processes agree on.
    ids=lambda value: str(sorted(value) if isinstance(value, set) else value),
)  # fmt: skip
def test_a_condition_chooses_who_it_says_and_its_opposite_the_others(
    town: Town, condition: dict[str, Any], names: set[str]
) -> None:
    wanted = {getattr(town, name) for name in names}
    everybody = {getattr(town, name) for name in EVERYBODY}
    assert chosen(town.world, condition) == wanted
    assert chosen(town.world, is_("not", of=condition)) == everybody - wanted
    both = [condition, is_("not", of=condition)]
    assert chosen(town.world, is_("any", of=both)) == everybody
    assert chosen(town.world, is_("all", of=both)) == set()
    assert chosen(town.world, is_("all", of=[condition] * 3)) == wanted


def test_conditions_join(town: Town) -> None:
    condition = is_(
        "all",
        of=[
            is_("tag", any_of=["vip"]),
            is_("any", of=[is_("last_order", days=5), is_("birthday", next_days=5)]),
            is_("not", of=is_("spend", at_least_minor=50_000, days=30)),
        ],
    )
    assert chosen(town.world, condition) == {town.small}


def test_days_are_local_days() -> None:
    """An order of yesterday 23:59 in Shanghai is of the last day, not of today; in another zone
    that instant is another day."""
    for zone, days in (("Asia/Shanghai", 1), ("America/New_York", 1), ("UTC", 0)):
        world = World(zone=zone)
        member = world.member()
        at = world.at - timedelta(hours=3, minutes=59)
        if zone == "Asia/Shanghai":
            at = world.at - timedelta(hours=12, minutes=1)
        world.booked(world.purchase(member, 100, occurred_at=at))
        assert chosen(world, is_("last_order", days=days)) == {member}
        if days:
            assert chosen(world, is_("last_order", days=0)) == set()
    early = World(at=datetime(2026, 6, 1, 20, 0, tzinfo=UTC))  # 04:00 of 2 June in Shanghai
    member = early.member()
    early.booked(early.purchase(member, 100, occurred_at=early.at - timedelta(hours=5)))
    assert chosen(early, is_("last_order", days=1)) == {member}
    assert chosen(early, is_("last_order", days=0)) == set()


def test_a_tier_is_the_one_in_force_at_the_time() -> None:
    world = World(rule_set(RATE, ladder=LADDER))
    member = world.member(tier="gold")
    assert chosen(world, is_("tier", any_of=["gold"])) == {member}
    with world.scope():
        stages = '[["gold","2026-07-01T00:00:00Z"],["silver",null]]'
        Standing.objects.filter(id=member).update(
            stages=stages, tier_until=datetime.fromisoformat("2026-07-01T00:00:00+00:00")
        )
    assert chosen(world, is_("tier", any_of=["gold"])) == {member}
    later = world.at + timedelta(days=30)
    assert chosen(world, is_("tier", any_of=["gold"]), later) == set()
    assert chosen(world, is_("tier", any_of=["silver"]), later) == {member}


def test_only_those_who_take_part() -> None:
    world = World()
    here, cold, left, gone, merged = (world.member(birthday_on=date(1990, 6, 3)) for _ in range(5))
    freeze(world, cold)
    world.booked(leave(world, left))
    world.booked(erasure(world, gone))
    world.booked(merge(world, here, merged))
    assert chosen(world, is_("enrolled", days=1)) == {here}


def test_what_a_merged_member_did_counts_for_the_survivor() -> None:
    world = World()
    first, second, third = (world.member() for _ in range(3))
    world.booked(world.purchase(first, 3_000))
    world.booked(world.purchase(second, 2_000))
    world.booked(world.purchase(third, 1_000))
    one = world.booked(merge(world, second, first))
    two = world.booked(merge(world, third, second))
    for condition in (
        is_("spend", at_least_minor=6_000),
        is_("spend", at_least_minor=6_000, days=3),
        is_("orders", at_least=3, days=3),
    ):
        assert chosen(world, condition) == {third}
    world.booked(undo(world, two.id))
    assert chosen(world, is_("spend", at_least_minor=5_000, days=3)) == {second}
    world.booked(undo(world, one.id))
    assert chosen(world, is_("spend", at_least_minor=1_000, days=3)) == {first, second, third}


def test_nobody_of_another_programme_is_ever_chosen(town: Town) -> None:
    elsewhere = World(rule_set(RATE, ladder=LADDER))
    stranger = elsewhere.member()
    for kind in ("all", "any"):
        condition = is_(kind, of=[is_("enrolled", days=1), is_("spend", below_minor=10, days=1)])
        assert chosen(elsewhere, condition) == {stranger}
    assert stranger not in chosen(town.world, is_("enrolled", days=1))


def test_pages_meet_each_member_once() -> None:
    world = World()
    everybody = [world.member() for _ in range(7)]
    condition, seen = read(is_("enrolled", days=1)), list[UUID]()
    with world.scope():
        after = None
        while page := selectors.members(condition, at=world.at, after=after, limit=3):
            seen += page
            after = page[-1]
    assert seen == sorted(everybody)


class TestKeeping:
    """A segment is a name for a condition."""

    def save(self, world: World, condition: Mapping[str, Any], code: str = "s") -> Any:
        with world.scope():
            return services.save_segment(
                code=code, name="S", condition=read(condition), by="test", at=world.at
            )

    def test_written_read_replaced_and_deleted(self) -> None:
        world = World()
        first = self.save(world, is_("enrolled", days=3))
        second = self.save(world, is_("orders", below=1))
        assert (first.id, second.condition) == (second.id, read(is_("orders", below=1)))
        self.save(world, is_("enrolled", days=1), code="a")
        with world.scope():
            assert [each.code for each in selectors.segments()] == ["a", "s"]
            assert selectors.segment("s") == second
            services.drop_segment(code="s", at=world.at)
            with pytest.raises(UnknownSegment):
                services.drop_segment(code="s", at=world.at)
            with pytest.raises(UnknownSegment):
                selectors.segment("s")

    def test_each_programme_has_its_own(self) -> None:
        here, there = World(), World()
        self.save(here, is_("enrolled", days=3))
        with there.scope(), pytest.raises(UnknownSegment):
            selectors.segment("s")
        self.save(there, is_("enrolled", days=4))
        with here.scope():
            assert selectors.segment("s").condition == read(is_("enrolled", days=3))

    @pytest.mark.parametrize(
        ("condition", "code"),
        [
            (is_("store", any_of=["nowhere"]), "unknown_store"),
            (is_("spend", at_least_minor=1, stores=["nowhere"]), "unknown_store"),
            (is_("not", of=is_("tier", any_of=["platinum"])), "unknown_tier"),
            (is_("tag", any_of=[" "]), "invalid_tag"),
            (is_("orders"), "invalid_segment"),
        ],
    )
    def test_what_could_choose_nobody_is_refused(
        self, condition: dict[str, Any], code: str
    ) -> None:
        world = World()
        with pytest.raises(JifenError) as refused:
            self.save(world, condition)
        assert refused.value.code == code
        with world.scope():
            assert not Segment.objects.exists()


# --- how it is asked -----------------------------------------------------------------------------


# The city has days of its own, so that what the database knows of them is about the city alone:
# the members of all other tests enrolled on nearly the same day.
CITY_OPENED = datetime(2035, 1, 1, tzinfo=UTC)
CITY_NOW = CITY_OPENED + timedelta(minutes=20) * 20_000


def plan(world: World, condition: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The nodes of the plan for a page, by a database that knows how much there is."""
    with world.scope():
        question = selectors.question(read(condition), at=CITY_NOW)
        text = (
            f"EXPLAIN (FORMAT JSON) {question.before}SELECT member.id\n{question.text}"
            "ORDER BY member.id LIMIT 50"
        )
        [(found,)] = composed("plan", text).rows(**question.params)
    return list(nodes(found[0]["Plan"]))


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", ()):
        yield from nodes(child)


@pytest.fixture(scope="module")
def city() -> World:
    """Some thousand members in one of two programmes, and a database that has looked at them."""
    world, other = World(), World()
    for each in (world, other):
        with each.scope(), owner() as cursor:
            crowd(cursor, each)
    with owner() as cursor:
        for table in ("member", "member_tag", "standing", "activity"):
            cursor.execute(f"ANALYZE {table}")
    return world


def crowd(cursor: Any, world: World, size: int = 20_000) -> None:
    """Members with a standing, a common tag, few with a rare one, and an old order each."""
    programme = world.programme.id
    cursor.execute(
        "INSERT INTO member (programme_id, id, name, birthday_on, enrolled_at, status)"
        " SELECT %s, gen_random_uuid(), '', date '1980-01-01' + (n %% 366),"
        " %s + n * interval '20 minutes', 'active' FROM generate_series(1, %s) AS n",
        [programme, CITY_OPENED, size],
    )
    cursor.execute(
        "INSERT INTO standing (programme_id, id, tier, opening_tier, spend_minor, purchases_kept,"
        " reached, stages, manual_tier, manual_reason, manual_actor, bought_tier)"
        " SELECT programme_id, id, '', '', 0, 0, '{}', '', '', '', '', '' FROM member"
        " WHERE programme_id = %s",
        [programme],
    )
    for tag, count in (("common", size), ("rare", size // 200)):
        cursor.execute(
            "INSERT INTO member_tag (programme_id, member_id, tag)"
            " SELECT programme_id, id, %s FROM member WHERE programme_id = %s LIMIT %s",
            [tag, programme, count],
        )
    cursor.execute(
        "INSERT INTO activity (programme_id, id, kind, client_id, key, body_sha256, member_id,"
        " store_id, rule_set_version, occurred_at, booked_at, body, record)"
        " SELECT programme_id, gen_random_uuid(), 'purchase', id, 'old', '', id, id, 1,"
        " enrolled_at, enrolled_at, '{}', '{\"spend_minor\":1,\"purchases_kept\":1}' FROM member"
        " WHERE programme_id = %s",
        [programme],
    )


@pytest.mark.parametrize(
    ("condition", "index"),
    [
        (is_("tag", any_of=["rare"]), "member_tag_tag"),
        (is_("birthday", first="06-03", last="06-03"), "member_birthday"),
        (is_("enrolled", days=3), "member_enrolled"),
        (is_("last_order", days=3), "activity_window"),
        (is_("spend", at_least_minor=1, days=3), "activity_window"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_chooses_few_is_found_by_an_index(
    city: World, condition: dict[str, Any], index: str
) -> None:
    used = {node.get("Index Name") for node in plan(city, condition)}
    assert index in used, used


@pytest.mark.parametrize(
    "condition",
    [
        is_("tag", any_of=["rare"]),
        is_("not", of=is_("tag", any_of=["rare"])),
        is_("any", of=[is_("tag", any_of=["rare"]), is_("tier", any_of=["gold"])]),
        is_("last_visit", days=3),
        is_("spend", at_least_minor=10),
    ],
    ids=str,
)
def test_no_plan_reads_another_programme_or_anything_over_and_over(
    city: World, condition: dict[str, Any]
) -> None:
    found = plan(city, condition)
    for node in found:
        told = str({key: value for key, value in node.items() if "Cond" in key or "Filter" in key})
        if node["Node Type"] in {"Seq Scan", "Index Scan", "Index Only Scan", "Bitmap Index Scan"}:
            assert "programme_id" in told, node
    # What is asked for each member of some thousand is asked by its key.
    for node in found:
        if node.get("Parent Relationship") == "SubPlan":
            assert node["Node Type"] != "Seq Scan", node
