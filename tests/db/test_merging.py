"""Two cards of one person become one member, and two again where that was a mistake."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from msgspec.structs import replace
from tests.people import erasure, freeze, info, leave, merge, undo, unfreeze
from tests.world import OFFSET, RATE, World, codes, ref, rule_set, rungs

from jifen.earning import selectors as earning
from jifen.earning.types import Booked, MemberRef, OpeningLot, Purchase, Refused, Reversal
from jifen.members import selectors as members
from jifen.members.models import Member, Merge
from jifen.members.types import IdentityValue

LADDER = {"by": "spend", "rungs": rungs(silver=100, gold=30_000)}
PHONE = "+8613812342186"


def phone(value: str = PHONE) -> MemberRef:
    return MemberRef("phone", value)


def by_phone(world: World, amount: int) -> Purchase:
    return replace(world.purchase(None, amount), member=phone())


def holdings(world: World, member: uuid.UUID) -> dict[str, Any]:
    """What a member holds, with lots by what they are and not by their ids."""
    dump = dict(world.dump(member))
    dump["lots"] = sorted((left, str(until)) for *_, left, until in dump["lots"])
    return dump


def undone(world: World, booked: Booked) -> Booked:
    return world.booked(undo(world, booked.id))


class TestMerging:
    """What crosses, and who answers for it afterwards."""

    def test_everything_of_the_other_crosses_lot_by_lot(self) -> None:
        world = World(rule_set(ladder=LADDER))
        soon, later = world.at + timedelta(days=10), world.at + timedelta(days=90)
        mine = world.member(50)
        theirs = world.member(OpeningLot("points", 30, soon), OpeningLot("points", 20, later))
        world.booked(world.purchase(mine, 20_000))
        world.booked(world.purchase(theirs, 15_000))

        booked = world.booked(merge(world, mine, theirs))

        assert (booked.kind, booked.member_id, booked.points) == ("merge", mine, {"points": 200})
        assert world.available(mine) == 50 + 200 + 30 + 20 + 150
        assert world.available(theirs) == 0
        assert world.lots(theirs) == []
        assert [lot for lot in world.lots(mine) if lot[1]] == [(30, soon), (20, later)]
        assert (world.tier(mine), booked.tier) == ("gold", "gold")
        assert world.dump(mine)["spend_minor"] == 35_000
        assert world.dump(mine)["purchases_kept"] == 2
        world.verify()

    def test_identities_tags_and_what_the_survivor_lacks_move(self) -> None:
        world = World()
        mine = world.member()
        theirs = world.member(phone=PHONE, name="王小明", store="other")
        world.booked(merge(world, mine, theirs))
        survivor, gone = info(world, mine), info(world, theirs)
        assert IdentityValue("phone", PHONE) in survivor.identities
        assert (survivor.name, survivor.status) == ("王小明", "active")
        assert survivor.store_id is not None
        assert (gone.status, gone.merged_into, gone.identities) == ("merged", mine, ())

    def test_what_staff_writes_loses_the_names_of_all_who_became_a_part(self) -> None:
        world = World()
        first, second, third = (world.member(name=name) for name in ("Aurora", "Bella", "Clara"))
        world.booked(merge(world, second, first))
        world.booked(merge(world, third, second))
        given = world.booked(world.adjustment(third, 1, reason="Aurora, Bella, Clara, Dora"))
        with world.scope():
            [said] = earning.explain(given.id, language="en").sentences
        assert said.endswith(": ***, ***, ***, Dora")

    def test_bookings_by_old_identities_and_by_the_old_id_are_the_survivors(self) -> None:
        world = World()
        mine, theirs = world.member(), world.member(phone=PHONE)
        world.booked(merge(world, mine, theirs))
        found = world.booked(by_phone(world, 1_000))
        by_id = world.booked(world.purchase(theirs, 2_000))
        [previewed] = world.preview(world.purchase(theirs, 2_000))
        assert isinstance(previewed, Booked)
        assert {found.member_id, by_id.member_id, previewed.member_id} == {mine}
        assert world.available(mine) == 30
        with world.scope():
            assert members.find([IdentityValue("phone", PHONE)]) == {
                IdentityValue("phone", PHONE): mine
            }
        world.verify()

    def test_both_histories_stay_readable(self) -> None:
        world = World()
        mine, theirs = world.member(5), world.member(7)
        order = world.booked(world.purchase(theirs, 1_000))
        booked = world.booked(merge(world, mine, theirs))
        with world.scope():
            old = earning.activities(member_id=theirs, before=None, limit=50)
            new = earning.activities(member_id=mine, before=None, limit=50)
            told = earning.explain(booked.id, language="en")
        assert order.id in {each.id for each in old}
        assert booked.id in {each.id for each in new}
        assert {posting.kind for posting in told.postings} == {"transfer_out", "transfer_in"}
        assert sum(posting.amount for posting in told.postings) == 0
        assert told.sentences

    def test_what_the_other_owes_the_survivor_pays(self) -> None:
        world = World()
        mine, theirs = world.member(30), world.member()
        order = world.purchase(theirs, 5_000)
        world.booked(order)
        world.booked(world.adjustment(theirs, -50))
        world.booked(world.refund(order))
        assert world.balance(theirs).deficit == 50
        booked = world.booked(merge(world, mine, theirs))
        assert world.balance(theirs).deficit == 0
        assert (world.available(mine), world.balance(mine).deficit) == (0, 20)
        world.verify()
        undone(world, booked)
        assert (world.available(mine), world.balance(mine).deficit) == (30, 0)
        assert world.balance(theirs).deficit == 50
        world.verify()

    def test_a_debt_paid_since_comes_back_as_points(self) -> None:
        world = World()
        mine, theirs = world.member(30), world.member()
        order = world.purchase(theirs, 5_000)
        world.book(order, world.adjustment(theirs, -50), world.refund(order))
        booked = world.booked(merge(world, mine, theirs))
        world.booked(world.purchase(mine, 10_000))
        assert world.available(mine) == 80
        undone(world, booked)
        assert world.available(mine) == 130
        assert world.balance(theirs).deficit == 50
        world.verify()

    def test_the_survivors_debt_is_paid_by_what_arrives(self) -> None:
        world = World()
        mine, theirs = world.member(), world.member(100)
        order = world.purchase(mine, 3_000)
        world.book(order, world.adjustment(mine, -30), world.refund(order))
        booked = world.booked(merge(world, mine, theirs))
        assert (world.available(mine), world.balance(mine).deficit) == (70, 0)
        world.verify()
        assert world.refused(undo(world, booked.id)) == "merged_points_spent"
        world.booked(world.purchase(mine, 3_000))
        undone(world, booked)
        assert (world.available(mine), world.available(theirs)) == (0, 100)
        world.verify()

    def test_a_cap_is_the_persons(self) -> None:
        cap = {"kind": "cap", "code": "daily", "per": "day", "points": 100, "unit": "points"}
        world = World(rule_set(RATE, cap))
        mine, theirs = world.member(), world.member()
        world.book(world.purchase(mine, 4_000), world.purchase(theirs, 5_000))
        booked = world.booked(merge(world, mine, theirs))
        order = world.purchase(mine, 4_000)
        assert world.booked(order).points == {"points": 10}
        world.booked(world.refund(order))
        undone(world, booked)
        assert world.booked(world.purchase(mine, 9_000)).points == {"points": 60}
        assert world.booked(world.purchase(theirs, 9_000)).points == {"points": 50}
        world.verify()


class TestAfterwards:
    """What the merged member had done before can still be taken back, from the survivor."""

    def test_a_refund_takes_the_orders_own_points_wherever_they_are(self) -> None:
        world = World(rule_set(ladder=LADDER))
        mine, theirs = world.member(40), world.member()
        order = world.purchase(theirs, 20_000, 11_000)
        world.booked(order)
        world.booked(world.purchase(theirs, 500))
        world.booked(merge(world, mine, theirs))
        assert world.tier(mine) == "gold"

        booked = world.booked(world.refund(order, (1, 1)))

        assert (booked.member_id, booked.points) == (mine, {"points": -110})
        assert world.lots(mine) == [(40, None), (200, None), (5, None)]
        assert world.tier(mine) == "silver"
        assert world.dump(mine)["spend_minor"] == 20_500
        world.booked(world.refund(order))
        assert world.lots(mine) == [(40, None), (5, None)]
        assert world.dump(mine)["spend_minor"] == 500
        assert world.available(theirs) == 0
        world.verify()

    def test_points_paid_come_back_to_the_survivor_with_their_dates(self) -> None:
        world = World(rule_set(offset=OFFSET))
        soon = world.at + timedelta(days=10)
        mine = world.member()
        theirs = world.member(OpeningLot("points", 100, soon), OpeningLot("points", 100))
        order = world.purchase(theirs, 1_000, 1_000, points_paid=200)
        world.booked(order)
        world.booked(merge(world, mine, theirs))
        before = world.available(mine)

        for line in (0, 1):
            world.booked(world.refund(order, (line, 1)))
            world.verify()

        assert (before, world.available(mine)) == (18, 200)
        assert set(world.lots(mine)) == {(100, soon), (100, None)}
        assert world.lots(theirs) == []

    def test_points_paid_that_are_past_their_date_expire_at_once(self) -> None:
        world = World(rule_set(offset=OFFSET))
        soon = world.at + timedelta(days=10)
        mine, theirs = world.member(), world.member(OpeningLot("points", 100, soon))
        order = world.purchase(theirs, 1_000, points_paid=100)
        world.booked(order)
        world.booked(merge(world, mine, theirs))
        world.booked(world.refund(order), at=soon)
        assert world.balance(mine, at=soon).available == 0
        assert world.balance(theirs, at=soon).available == 0
        world.verify()

    def test_a_reversal_is_the_survivors_too(self) -> None:
        world = World()
        mine, theirs = world.member(), world.member(100)
        up, down = (world.booked(world.adjustment(theirs, points)) for points in (60, -100))
        world.booked(merge(world, mine, theirs))
        for act in (up, down):
            reversal = Reversal(
                key=uuid.uuid4().hex, occurred_at=world.at, of=act.id, reason="x", actor="y"
            )
            assert world.booked(reversal).member_id == mine
        assert (world.available(mine), world.available(theirs)) == (100, 0)
        assert world.lots(mine) == [(100, None)]
        world.verify()

    def test_along_a_line_of_merges(self) -> None:
        world = World(rule_set(offset=OFFSET))
        first, second, third = world.member(100), world.member(10), world.member(1)
        order = world.purchase(first, 5_000, points_paid=100)
        world.booked(order)
        one = world.booked(merge(world, second, first))
        two = world.booked(merge(world, third, second))
        assert world.available(third) == 1 + 10 + 49
        assert world.booked(world.purchase(first, 1_000)).member_id == third
        assert world.refused(undo(world, one.id)) == "member_merged"

        assert world.booked(world.refund(order)).member_id == third

        assert world.available(third) == 1 + 10 + 10 + 100
        assert [world.available(each) for each in (first, second)] == [0, 0]
        # What came of the first card is in both merges.
        assert world.refused(undo(world, two.id)) == "merged_orders_touched"
        world.verify()

    def test_a_merge_of_a_survivor_is_undone_before_its_own(self) -> None:
        world = World()
        first, second, third = world.member(100), world.member(10), world.member(1)
        one = world.booked(merge(world, second, first))
        two = world.booked(merge(world, third, second))
        undone(world, two)
        undone(world, one)
        assert [world.available(each) for each in (first, second, third)] == [100, 10, 1]
        world.verify()


class TestUndoing:
    """Undone in time, each has what it had."""

    def test_each_has_what_it_had(self) -> None:
        tier = {
            "kind": "behaviour", "code": "welcome", "on": "tier_reached:gold", "points": 500,
            "unit": "points",
        }  # fmt: skip
        world = World(rule_set(RATE, tier, ladder=LADDER))
        soon = world.at + timedelta(days=10)
        mine, theirs = world.member(50), world.member(30, OpeningLot("points", 20, soon))
        world.book(world.purchase(mine, 20_000), world.purchase(theirs, 15_000))
        before = [holdings(world, each) for each in (mine, theirs)]
        facts = [info(world, each) for each in (mine, theirs)]
        booked = world.booked(merge(world, mine, theirs))
        assert (world.tier(mine), world.available(mine)) == ("gold", 50 + 200 + 30 + 20 + 150 + 500)

        back = undone(world, booked)

        assert back.kind == "merge_undo"
        assert [holdings(world, each) for each in (mine, theirs)] == before
        assert [info(world, each) for each in (mine, theirs)] == facts
        assert world.booked(world.purchase(theirs, 1_000)).member_id == theirs
        world.verify()

    def test_identities_tags_and_fields_go_back_where_they_were(self) -> None:
        world = World()
        mine, theirs = world.member(), world.member(phone=PHONE, name="王小明")
        booked = world.booked(merge(world, mine, theirs))
        [joined] = world.enrol(
            _person(MemberRef("phone", PHONE), MemberRef("card", f"C-{uuid.uuid4().hex}"))
        )
        assert not isinstance(joined, Refused)
        assert joined.member_id == mine
        undone(world, booked)
        kinds = {each: {i.kind for i in info(world, each).identities} for each in (mine, theirs)}
        assert kinds == {mine: {"external", "card"}, theirs: {"phone"}}
        assert (info(world, mine).name, info(world, theirs).name) == ("", "王小明")

    def test_what_was_spent_since_comes_from_the_survivors_own(self) -> None:
        world = World(rule_set(offset=OFFSET))
        soon = world.at + timedelta(days=10)
        mine, theirs = world.member(100), world.member(OpeningLot("points", 100, soon))
        booked = world.booked(merge(world, mine, theirs))
        world.booked(world.purchase(mine, 100, points_paid=60))
        assert world.lots(mine) == [(100, None), (40, soon)]
        undone(world, booked)
        assert world.lots(mine) == [(40, None)]
        assert set(world.lots(theirs)) == {(40, soon), (60, None)}
        world.verify()

    def test_what_the_survivor_no_longer_has_is_said(self) -> None:
        world = World(rule_set(offset=OFFSET))
        mine, theirs = world.member(10), world.member(100)
        booked = world.booked(merge(world, mine, theirs))
        world.booked(world.purchase(mine, 1_000, points_paid=50))
        [refused] = world.book(undo(world, booked.id))
        assert isinstance(refused, Refused)
        assert refused.error.code == "merged_points_spent"
        assert refused.error.fields["short_by"] == 40 - 9
        assert world.available(mine) == 69
        assert info(world, theirs).status == "merged"
        world.verify()

    def test_what_expired_since_would_have_expired_there_too(self) -> None:
        world = World()
        soon = world.at + timedelta(days=1)
        mine, theirs = world.member(10), world.member(5, OpeningLot("points", 100, soon))
        booked = world.booked(merge(world, mine, theirs))
        world.booked(undo(world, booked.id), at=soon)
        assert [world.balance(each, at=soon).available for each in (mine, theirs)] == [10, 5]
        world.verify()

    def test_not_after_a_refund_of_what_the_other_had_bought(self) -> None:
        world = World()
        mine, theirs = world.member(), world.member()
        order = world.purchase(theirs, 1_000, 2_000)
        world.booked(order)
        booked = world.booked(merge(world, mine, theirs))
        world.booked(world.refund(order, (0, 1)))
        assert world.refused(undo(world, booked.id)) == "merged_orders_touched"
        world.verify()

    def test_not_after_the_programmes_days(self) -> None:
        world = World(rule_set(membership={"merge_undo_days": 7}))
        mine, theirs = world.member(), world.member(5)
        booked = world.booked(merge(world, mine, theirs))
        late = world.at + timedelta(days=7, microseconds=1)
        assert world.refused(undo(world, booked.id), at=late) == "merge_undo_too_late"
        world.booked(undo(world, booked.id), at=world.at + timedelta(days=7))
        world.verify()

    def test_not_twice(self) -> None:
        world = World()
        mine, theirs = world.member(), world.member(5)
        booked = world.booked(merge(world, mine, theirs))
        first = undo(world, booked.id, key="k")
        assert world.booked(first).replayed is False
        assert world.booked(first).replayed is True
        assert world.refused(undo(world, booked.id)) == "already_done"
        assert (world.available(mine), world.available(theirs)) == (0, 5)
        world.booked(merge(world, mine, theirs))
        assert world.refused(undo(world, booked.id)) == "already_done"
        assert world.available(mine) == 5
        world.verify()


def _person(*refs: MemberRef) -> Any:
    from jifen.earning.services import NewMember

    return NewMember(uuid.uuid4().hex, tuple(IdentityValue(each.kind, each.value) for each in refs))


class TestRefusals:
    """Each thing that cannot be has its own name, and nothing of it is booked."""

    def test_a_member_with_itself(self) -> None:
        world = World()
        member = world.member(phone=PHONE)
        assert world.refused(merge(world, member, member)) == "merge_with_itself"
        assert (
            world.refused(replace(merge(world, member, member), other=phone()))
            == "merge_with_itself"
        )

    def test_a_member_of_another_programme(self) -> None:
        world, elsewhere = World(), World()
        member, stranger = world.member(), elsewhere.member(5)
        assert world.refused(merge(world, member, stranger)) == "unknown_member"
        assert world.refused(merge(world, stranger, member)) == "unknown_member"
        booked = elsewhere.booked(merge(elsewhere, stranger, elsewhere.member()))
        activity = undo(elsewhere, booked.id)
        assert world.refused(activity) == "unknown_activity"
        assert elsewhere.available(stranger) == 5

    @pytest.mark.parametrize("side", ["survivor", "other"])
    @pytest.mark.parametrize(
        ("close", "code"),
        [
            (freeze, "member_frozen"),
            (lambda world, who: world.booked(leave(world, who)), "member_left"),
            (lambda world, who: world.booked(erasure(world, who)), "member_left"),
            (
                lambda world, who: world.booked(merge(world, world.member(), who)),
                "member_merged",
            ),
        ],
        ids=["frozen", "left", "erased", "merged"],
    )
    def test_somebody_who_may_not_act(
        self, close: Callable[[World, uuid.UUID], Any], code: str, side: str
    ) -> None:
        world = World()
        mine, theirs = world.member(1), world.member(2)
        close(world, mine if side == "survivor" else theirs)
        assert world.refused(merge(world, mine, theirs)) == code
        world.verify()

    def test_undoing_for_a_survivor_who_may_not_act(self) -> None:
        world = World()
        mine, theirs = world.member(1), world.member(2)
        booked = world.booked(merge(world, mine, theirs))
        freeze(world, mine)
        assert world.refused(undo(world, booked.id)) == "member_frozen"
        unfreeze(world, mine)
        world.booked(leave(world, mine))
        assert world.refused(undo(world, booked.id)) == "member_left"

    def test_what_is_no_merge(self) -> None:
        world = World()
        mine, theirs = world.member(1), world.member(2)
        booked = world.booked(merge(world, mine, theirs))
        order = world.booked(world.purchase(mine, 100))
        assert world.refused(replace(undo(world, booked.id), of=order.id)) == "unknown_merge"
        assert world.refused(replace(undo(world, booked.id), of=uuid.uuid4())) == "unknown_activity"
        wrong = replace(undo(world, booked.id), other=ref(world.member()))
        assert world.refused(wrong) == "unknown_merge"

    def test_in_one_batch_with_what_it_decides(self) -> None:
        """Whoever is merged by an earlier item of the same batch tries again."""
        world = World()
        mine, theirs = world.member(), world.member(phone=PHONE)
        order = world.purchase(theirs, 1_000)
        world.booked(order)
        outcomes = world.book(
            merge(world, mine, theirs),
            world.purchase(theirs, 1_000),
            by_phone(world, 1_000),
            world.refund(order),
            world.purchase(mine, 100),
        )
        assert codes(outcomes) == ["member_busy"] * 3
        assert world.available(mine) == 11
        world.verify()

    def test_the_database_refuses_a_second_merge_of_one_member(self) -> None:
        world = World()
        mine, theirs, third = world.member(), world.member(), world.member()
        world.booked(merge(world, mine, theirs))
        with world.scope(), pytest.raises(IntegrityError), transaction.atomic():
            Merge.objects.create(survivor_id=third, other_id=theirs, merged_at=world.at, moved="{}")
        for change in ({"merged_into_id": None}, {"status": "active"}, {"status": "asleep"}):
            with world.scope(), pytest.raises(IntegrityError), transaction.atomic():
                Member.objects.filter(id=theirs).update(**change)
        with world.scope(), pytest.raises(IntegrityError), transaction.atomic():
            Member.objects.filter(id=theirs).update(merged_into_id=theirs)

    @pytest.mark.parametrize("parts", [False, True], ids=["merged", "parted"])
    def test_in_one_batch_with_what_it_decides_about_somebody_on_the_line(
        self, parts: bool
    ) -> None:
        """A refund for somebody who was merged long ago lands with whoever answers for them now,
        also when that one is merged or parted by an earlier item of the same batch."""
        world = World(rule_set(offset=OFFSET))
        last, survivor, other = (world.member(1_000) for _ in range(3))
        order = world.purchase(other, 300, points_paid=100)
        world.booked(order)
        world.booked(merge(world, survivor, other))
        joined = merge(world, last, survivor)
        first = undo(world, world.booked(joined).id) if parts else joined
        outcomes = world.book(first, world.refund(order))
        assert [isinstance(each, Booked) for each in outcomes] == [True, False]
        assert codes(outcomes) == ["member_busy"]
        assert world.available(other) == 0
        world.booked(world.refund(order))
        assert world.available(other) == 0
        assert world.available(last) + world.available(survivor) == 3_000
        world.verify()
