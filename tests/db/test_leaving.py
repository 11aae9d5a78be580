"""Freezing, leaving, being forgotten: who may not act, what is left, and what stays."""

import uuid
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from tests.people import erasure, freeze, info, leave, merge, undo, unfreeze
from tests.world import OFFSET, World, codes, owner, rule_set

from jifen.audience import listing
from jifen.audience.listing import Filters
from jifen.common.errors import JifenError
from jifen.common.tables import DISTRIBUTED, GLOBAL
from jifen.earning import selectors as earning
from jifen.earning.types import (
    Activity,
    MemberRef,
    OpeningLot,
    Purchase,
    Reversal,
)
from jifen.faces.importing import members as importing
from jifen.faces.importing.files import RawLine
from jifen.faces.importing.people import read_people
from jifen.ledger import selectors as ledger
from jifen.members import selectors as members
from jifen.members import services as member_services
from jifen.members.types import Changes

PHONE = "+8613812342186"


def by(kind: str, value: str, order: Purchase) -> Purchase:
    return replace(order, member=MemberRef(kind, value))  # type: ignore[arg-type]


def everything(world: World, member: uuid.UUID) -> Iterator[Activity]:
    """Each act that a member takes part in."""
    yield world.purchase(member, 1_000)
    yield world.purchase(member, 1_000, points_paid=10)
    yield world.behaviour(member, "check_in")
    yield world.adjustment(member, 10)
    yield world.adjustment(member, -10)
    yield leave(world, member)
    yield merge(world, member, world.member())
    yield merge(world, world.member(), member)


class TestFreezing:
    """A frozen member earns, burns and transfers nothing."""

    def test_every_act_is_refused_and_nothing_of_it_is_booked(self) -> None:
        world = World(rule_set(offset=OFFSET))
        member = world.member(100)
        anonymous = world.purchase(None, 1_000)
        world.booked(anonymous)
        freeze(world, member)
        before = world.dump(member)
        acts = [*everything(world, member), world.claim(anonymous, member)]
        assert codes(world.book(*acts)) == ["member_frozen"] * len(acts)
        assert [world.refused(act) for act in acts] == ["member_frozen"] * len(acts)
        assert codes(world.preview(*acts)) == ["member_frozen"] * len(acts)
        assert world.dump(member) == before
        unfreeze(world, member)
        assert codes(world.book(*acts[:5])) == []
        world.verify()

    def test_a_refund_is_never_lost(self) -> None:
        world = World(rule_set(offset=OFFSET))
        member = world.member(100)
        order = world.purchase(member, 1_000, points_paid=100)
        world.booked(order)
        freeze(world, member)
        assert world.booked(world.refund(order)).points == {"points": 100 - 9}
        assert world.available(member) == 100
        world.verify()

    def test_what_was_booked_answers_again(self) -> None:
        world = World()
        member = world.member()
        order = world.purchase(member, 1_000)
        world.booked(order)
        freeze(world, member)
        assert world.booked(order).replayed

    def test_others_of_the_batch_are_booked(self) -> None:
        world = World()
        cold, warm = world.member(), world.member()
        freeze(world, cold)
        outcomes = world.book(*[world.purchase(each, 1_000) for each in (cold, warm, cold)])
        assert codes(outcomes) == ["member_frozen"] * 2
        assert (world.available(cold), world.available(warm)) == (0, 10)

    def test_each_time_is_told_with_who_and_why(self) -> None:
        world = World()
        member = world.member()
        freeze(world, member, reason="lost card")
        unfreeze(world, member)
        with world.scope():
            told = members.entries(member_id=member, before=None, limit=10)
        assert [(each.kind, each.actor, each.reason) for each in told] == [
            ("unfrozen", "tester", "all right"),
            ("frozen", "tester", "lost card"),
        ]

    @pytest.mark.parametrize(
        ("before", "act", "code"),
        [
            (freeze, freeze, "already_frozen"),
            (None, unfreeze, "not_frozen"),
            ("leave", freeze, "member_left"),
            ("merge", unfreeze, "member_merged"),
        ],
        ids=["twice", "not frozen", "left", "merged"],
    )
    def test_what_cannot_be_has_its_name(self, before: Any, act: Any, code: str) -> None:
        world = World()
        member = world.member()
        if before == "leave":
            world.booked(leave(world, member))
        elif before == "merge":
            world.booked(merge(world, world.member(), member))
        elif before is not None:
            before(world, member)
        with pytest.raises(JifenError) as refused:
            act(world, member)
        assert refused.value.code == code

    def test_a_member_of_another_programme_is_nobody(self) -> None:
        world, elsewhere = World(), World()
        stranger = elsewhere.member()
        with pytest.raises(JifenError) as refused:
            freeze(world, stranger)
        assert refused.value.code == "unknown_member"
        assert info(elsewhere, stranger).status == "active"


class TestLeaving:
    """What is left is forfeited, and the identities are free."""

    def test_what_is_left_is_forfeited_by_a_posting_with_its_reason(self) -> None:
        world = World()
        soon = world.at + timedelta(days=3)
        member = world.member(50, OpeningLot("points", 30, soon), OpeningLot("growth", 7))
        booked = world.booked(leave(world, member, reason="moves to 杭州"))
        assert (booked.kind, booked.points) == ("leave", {"points": -80, "growth": -7})
        assert world.lots(member) == []
        assert world.available(member) == 0
        with world.scope():
            [posting, _] = ledger.statement(member_id=member, unit="points", before=None, limit=2)
            told = earning.explain(booked.id, language="en")
            zh = earning.explain(booked.id, language="zh")
        assert (posting.kind, posting.contra, posting.amount) == ("expire", "breakage", -80)
        assert (posting.reason, posting.actor) == ("moves to 杭州", "tester")
        assert any(
            "80 points" in sentence and "forfeited" in sentence for sentence in told.sentences
        )
        assert any("作废" in sentence for sentence in zh.sentences)
        world.verify()

    def test_nothing_is_booked_for_somebody_who_left(self) -> None:
        world = World(rule_set(offset=OFFSET))
        member = world.member(100)
        world.booked(leave(world, member))
        acts = list(everything(world, member))
        assert codes(world.book(*acts)) == ["member_left"] * len(acts)
        assert info(world, member).status == "left"

    def test_the_same_person_can_enrol_again_as_somebody_new(self) -> None:
        world = World()
        member = world.member(100, phone=PHONE)
        world.booked(leave(world, member))
        assert world.refused(by("phone", PHONE, world.purchase(None, 100))) == "unknown_member"
        again = world.member(phone=PHONE)
        assert again != member
        assert world.booked(by("phone", PHONE, world.purchase(None, 1_000))).member_id == again
        assert (world.available(again), world.available(member)) == (10, 0)

    def test_a_refund_of_an_earlier_order_is_booked_and_leaves_nothing(self) -> None:
        world = World(rule_set(offset=OFFSET))
        member = world.member(100)
        order = world.purchase(member, 1_000, 1_000, points_paid=100)
        world.booked(order)
        world.booked(leave(world, member))
        for line in (0, 1):
            world.booked(world.refund(order, (line, 1)))
            assert world.available(member) == 0
        assert world.balance(member).deficit == 0
        assert world.lots(member) == []
        world.verify()

    def test_with_nothing_left_there_is_no_posting(self) -> None:
        world = World()
        member = world.member()
        assert world.booked(leave(world, member)).points == {}
        world.verify()

    def test_a_debt_stays_in_the_books(self) -> None:
        world = World()
        member = world.member()
        order = world.purchase(member, 1_000)
        world.book(order, world.adjustment(member, -10), world.refund(order))
        world.booked(leave(world, member))
        assert world.balance(member).deficit == 10
        world.verify()

    def test_not_twice_but_the_same_key_answers_again(self) -> None:
        world = World()
        member = world.member(10)
        first = leave(world, member)
        world.booked(first)
        assert world.booked(first).replayed
        assert world.refused(leave(world, member)) == "member_left"
        assert world.refused(replace(first, reason="other")) == "key_conflict"

    def test_a_survivor_leaves_with_everything_that_was_merged(self) -> None:
        world = World()
        mine, theirs = world.member(10), world.member(5, phone=PHONE)
        booked = world.booked(merge(world, mine, theirs))
        assert world.booked(leave(world, theirs)).member_id == mine
        assert world.refused(undo(world, booked.id)) == "member_left"
        assert world.refused(by("phone", PHONE, world.purchase(None, 100))) == "unknown_member"
        assert world.refused(world.purchase(theirs, 100)) == "member_left"


class TestErasure:
    """Whoever is forgotten leaves no personal datum, and the books stay whole."""

    def test_nothing_personal_is_left_in_the_whole_database(self) -> None:
        """Also not where history is only ever added to: it never got there."""
        # Nobody else in the database may have these.
        unique = f"{uuid.uuid4().int % 10**8:08}"
        phone, card = f"+86138{unique}", f"+86139{unique[::-1]}"
        name, second, openid = f"欧阳{unique}", f"Hao {unique[:6]}x", f"oWx-{unique}"
        born = date(1901, 1, 1) + timedelta(days=int(unique) % 9_000)
        world = World(rule_set(offset=OFFSET))
        member = self.import_one(world, f"{phone},{name},{openid},{born},100")
        other = world.member(7, phone=card, name=second)
        order = by("phone", phone, world.purchase(None, 2_000, points_paid=50))
        acts: list[Activity] = [
            order,
            by("wechat", openid, world.purchase(None, 3_000)),
            replace(world.behaviour(member, "check_in"), member=MemberRef("phone", phone)),
            replace(
                world.adjustment(member, 5, reason=f"for {name}, called from 138 {unique}"),
                member=MemberRef("wechat", openid),
            ),
            world.refund(order),
            replace(
                merge(world, member, other, reason=f"{second.upper()} is {name}, see {card}"),
                other=MemberRef("phone", card),
            ),
        ]
        booked = [world.booked(act) for act in acts]
        freeze(world, member, reason=f"{name} asked for it, {phone}")
        with world.scope():
            changes = Changes(name=f"{name}二世", add_tags=(name,))
            member_services.change(member_id=member, changes=changes, actor="till", at=world.at)
        secrets = [name, phone[3:], openid, second, card[3:], str(born)]
        assert {found for found, _ in traces(secrets)} == set(secrets)

        world.booked(erasure(world, member))

        assert list(traces([*secrets, unique, unique[::-1]])) == []
        gone = info(world, member)
        assert (gone.status, gone.name, gone.birthday_on, gone.identities, gone.tags) == (
            "erased", "", None, (), (),
        )  # fmt: skip
        world.verify()
        with world.scope():
            for each in booked:
                assert earning.explain(each.id, language="zh").activity.member_id == member
            assert ledger.statement(member_id=member, unit="points", before=None, limit=50)
        for kind, value in (("phone", phone), ("wechat", openid), ("phone", card)):
            assert world.refused(by(kind, value, world.purchase(None, 100))) == "unknown_member"
        assert world.available(member) == 0

    def import_one(self, world: World, line: str) -> uuid.UUID:
        """Somebody from a members file."""
        header = "phone,name,wechat,birthday,points"
        with world.scope():
            people = read_people(
                lines=[RawLine(n, f"{row}\n".encode()) for n, row in enumerate((header, line), 1)],
                name="members.csv",
                known=importing.known_here(at=world.at),
            )
            report, bad = importing.import_members(people=people, caller=world.caller, at=world.at)
            [found] = listing.page(Filters(), after=None, limit=2, at=world.at).ids
        assert (report.enrolled, bad) == (1, [])
        return found

    def test_what_the_rows_keep_is_who_by_id(self) -> None:
        world = World()
        member = world.member(phone=PHONE)
        booked = world.booked(by("phone", PHONE, world.purchase(None, 1_000)))
        with world.scope():
            body = earning.activity(booked.id).body
        assert body["member"] == {"kind": "id", "value": str(member)}
        # The digest is that of the request, so the request is the same again, and another is not.
        again = by("phone", PHONE, world.purchase(None, 1_000))
        assert world.refused(replace(again, key=booked.key)) == "key_conflict"

    def test_also_after_leaving_and_also_while_frozen(self) -> None:
        world = World()
        left, frozen = world.member(10, name="A B"), world.member(20, name="C D")
        world.booked(leave(world, left))
        freeze(world, frozen)
        for member in (left, frozen):
            world.booked(erasure(world, member))
            assert (info(world, member).status, info(world, member).name) == ("erased", "")
            assert world.refused(erasure(world, member)) == "member_left"
        assert world.available(frozen) == 0
        world.verify()

    def test_a_refund_of_an_earlier_order_is_booked(self) -> None:
        world = World(rule_set(offset=OFFSET))
        member = world.member(100)
        order = world.purchase(member, 1_000, points_paid=100)
        world.booked(order)
        world.booked(erasure(world, member))
        world.booked(world.refund(order))
        assert world.available(member) == 0
        world.verify()

    def test_an_act_before_answers_again_for_ever(self) -> None:
        world = World()
        world.member(phone=PHONE)
        order = by("phone", PHONE, world.purchase(None, 1_000))
        first = world.booked(order)
        assert first.member_id is not None
        world.booked(erasure(world, first.member_id))
        assert world.booked(order).id == first.id

    def test_reversals_are_refused_like_everything_else(self) -> None:
        world = World()
        member = world.member()
        act = world.booked(world.adjustment(member, 5))
        world.booked(erasure(world, member))
        reversal = Reversal(key="r", occurred_at=world.at, of=act.id, reason="x", actor="y")
        assert world.refused(reversal) == "member_left"

    def test_of_another_programme_nobody_is_forgotten(self) -> None:
        world, elsewhere = World(), World()
        stranger = elsewhere.member(5, name="X Y")
        assert world.refused(erasure(world, stranger)) == "unknown_member"
        assert info(elsewhere, stranger).name == "X Y"


def traces(secrets: list[str]) -> Iterator[tuple[str, str]]:
    """(what, table.column) of every secret that any column of any table holds, as text."""
    with owner() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns"
            " WHERE table_schema = 'public'"
        )
        places = cursor.fetchall()
        assert {table for table, _ in places} >= {*DISTRIBUTED, *GLOBAL}
        for table, column in places:
            cursor.execute(
                f'SELECT DISTINCT s FROM "{table}", unnest(%s::text []) AS s'
                f' WHERE strpos(lower("{column}"::text), lower(s)) > 0',
                [secrets],
            )
            for (found,) in cursor.fetchall():
                yield found, f"{table}.{column}"
