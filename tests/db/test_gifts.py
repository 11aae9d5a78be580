"""What staff gives: gifts, waivers, expired points; to one member, and to many by a run."""

import uuid
from collections.abc import Sequence
from contextlib import nullcontext
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from tests.acts import expiry_undo, gift, waiver
from tests.people import freeze, leave, merge
from tests.world import World, ref, rule_set, together

from jifen.audience import gift_runs
from jifen.audience import services as audience
from jifen.audience.models import GiftRun, GiftRunMember
from jifen.audience.rules.conditions import ByTag
from jifen.audience.sql import queries
from jifen.audience.types import BulkGift, GiftRunInfo, ToAll, ToMembers, ToSegment
from jifen.common.errors import JifenError
from jifen.earning import selectors as earning
from jifen.earning import services as booking
from jifen.earning.models import Activity as Row
from jifen.earning.types import MemberRef, OpeningLot, Reversal
from jifen.ledger import selectors as ledger
from jifen.ledger.models import Transaction
from jifen.members import services as members
from jifen.members.types import Changes

DAY = timedelta(days=1)


@pytest.fixture
def world() -> World:
    return World()


def balance(world: World, member: uuid.UUID) -> tuple[int, ...]:
    """(available, pending, held, deficit)"""
    found = world.balance(member)
    return found.available, found.pending, found.held, found.deficit


def said(world: World, activity_id: uuid.UUID, language: Any = "en") -> tuple[str, ...]:
    with world.scope():
        return earning.explain(activity_id, language=language).sentences


# --- one gift ------------------------------------------------------------------------------------


def test_a_gift_is_spendable_at_once_and_says_who_and_why() -> None:
    world = World(
        rule_set(
            pending={"points": {"kind": "confirmed"}},
            expiry={"points": {"kind": "after", "days": 10}},
        )
    )
    member = world.member()
    given = world.booked(gift(world, member, 30))
    assert (given.points, balance(world, member)) == ({"points": 30}, (30, 0, 0, 0))
    [(_, ends)] = world.lots(member)
    assert ends is not None
    assert (ends - world.at).days == 10
    assert said(world, given.id) == ("tester gave 30 points: a birthday",)
    assert said(world, given.id, "zh") == ("tester 赠送 30 积分：a birthday",)
    until = world.at + 3 * DAY
    world.booked(gift(world, member, 5, expires_at=until))
    assert world.lots(member)[-1] == (5, until)
    world.verify()


def test_a_gift_pays_what_is_owed_and_can_be_reversed(world: World) -> None:
    member = world.member()
    order = world.purchase(member, 5_000)
    world.booked(order)
    world.booked(world.adjustment(member, -50))
    world.booked(world.refund(order))
    given = world.booked(gift(world, member, 80))
    assert balance(world, member) == (30, 0, 0, 0)
    undone = Reversal(
        key=uuid.uuid4().hex, occurred_at=world.at, of=given.id, reason="twice", actor="tester"
    )
    world.booked(undone)
    assert balance(world, member) == (0, 0, 0, 50)
    world.verify()


def test_gifts_that_are_refused(world: World) -> None:
    member = world.member()
    assert world.refused(gift(world, member, 1, unit="growth")) == "not_points"
    assert world.refused(gift(world, member, 1, unit="tea")) == "unknown_unit"
    assert world.refused(gift(world, member, 1, expires_at=world.at)) == "ends_too_early"
    assert world.refused(gift(world, uuid.uuid4(), 1)) == "unknown_member"
    assert world.refused(gift(world, World().member(), 1)) == "unknown_member"
    naive = world.at.replace(tzinfo=None) + DAY
    assert world.refused(gift(world, member, 1, expires_at=naive)) == "time_without_zone"
    freeze(world, member)
    assert world.refused(gift(world, member, 1)) == "member_frozen"


# --- waivers -------------------------------------------------------------------------------------


def owing(world: World, points: int) -> uuid.UUID:
    """A member who owes so many points."""
    member = world.member()
    order = world.purchase(member, points * 100)
    world.book(order, world.adjustment(member, -points), world.refund(order))
    assert balance(world, member) == (0, 0, 0, points)
    return member


def test_what_is_owed_is_waived_in_part_or_whole(world: World) -> None:
    member = owing(world, 80)
    part = world.booked(waiver(world, member, 30))
    assert (part.points, balance(world, member)) == ({"points": 30}, (0, 0, 0, 50))
    assert said(world, part.id) == (
        "30 points of what was owed waived by tester: our mistake",
        "the account now owes 50 points; the next earn pays them first",
    )
    world.booked(waiver(world, member))
    assert balance(world, member) == (0, 0, 0, 0)
    world.verify()


def test_waivers_that_are_refused(world: World) -> None:
    member = owing(world, 80)
    assert world.refused(waiver(world, member, 81)) == "not_owed"
    assert world.refused(waiver(world, member, unit="growth")) == "not_owed"
    assert world.refused(waiver(world, member, unit="tea")) == "unknown_unit"
    assert world.refused(waiver(world, world.member(5))) == "not_owed"
    assert world.refused(waiver(world, World().member())) == "unknown_member"
    world.booked(waiver(world, member))
    assert world.refused(waiver(world, member)) == "not_owed"
    world.verify()


# --- expiries undone -----------------------------------------------------------------------------


def expired(world: World, *lots: OpeningLot) -> tuple[uuid.UUID, uuid.UUID]:
    """A member whose points have ended, and the transaction in which they did."""
    member = world.member(*lots)
    world.at += 10 * DAY
    world.booked(world.adjustment(member, 1))
    with world.scope():
        found = Transaction.objects.filter(kind="expire").order_by("-id").first()
    assert found is not None
    return member, found.id


def test_what_expired_comes_back_until_a_new_date(world: World) -> None:
    ends = world.at + 5 * DAY
    member, gone = expired(world, OpeningLot("points", 40, ends), OpeningLot("points", 2, ends))
    assert balance(world, member) == (1, 0, 0, 0)
    until = world.at + 30 * DAY
    undone = world.booked(expiry_undo(world, member, gone, until))
    assert undone.points == {"points": 42}
    assert world.lots(member) == [(1, None), (40, until), (2, until)]
    assert said(world, undone.id)[0] == (
        "40 points that had expired given again by tester: the till was down"
    )
    world.verify()


def test_an_expiry_is_undone_once(world: World) -> None:
    member, gone = expired(world, OpeningLot("points", 40, world.at + 5 * DAY))
    until = world.at + 30 * DAY
    act = expiry_undo(world, member, gone, until)
    world.booked(act)
    assert world.booked(act).replayed
    assert world.refused(expiry_undo(world, member, gone, until)) == "already_done"
    pair = [expiry_undo(world, member, gone, until) for _ in range(2)]
    assert {each.error.code for each in world.book(*pair)} == {"already_done"}  # type: ignore[union-attr]
    assert balance(world, member)[0] == 41
    world.verify()


def test_expiries_that_cannot_be_undone(world: World) -> None:
    member, gone = expired(world, OpeningLot("points", 40, world.at + 5 * DAY))
    until = world.at + 30 * DAY
    other = world.member(5)
    assert world.refused(expiry_undo(world, other, gone, until)) == "unknown_expiry"
    assert world.refused(expiry_undo(world, member, uuid.uuid4(), until)) == "unknown_expiry"
    adjusted = world.booked(world.adjustment(member, 1)).id
    assert world.refused(expiry_undo(world, member, adjusted, until)) == "unknown_expiry"
    assert world.refused(expiry_undo(world, member, gone, world.at)) == "ends_too_early"
    naive = until.replace(tzinfo=None)
    assert world.refused(expiry_undo(world, member, gone, naive)) == "time_without_zone"
    stranger = World()
    there = stranger.member()
    assert stranger.refused(expiry_undo(stranger, there, gone, until)) == "unknown_expiry"
    survivor = world.member()
    world.booked(merge(world, survivor, member))
    assert world.refused(expiry_undo(world, member, gone, until)) == "unknown_expiry"
    world.verify()


# --- many ----------------------------------------------------------------------------------------


def bulk(to: Any, points: int = 10, **changes: Any) -> BulkGift:
    values = {"unit": "points", "reason": "ten years", "actor": "tester"}
    return BulkGift(to=to, points=points, **{**values, **changes})


def named(*ids: uuid.UUID) -> ToMembers:
    return ToMembers(tuple(ref(each) for each in ids))


def start(world: World, gift: BulkGift, key: str | None = None) -> GiftRunInfo:
    with world.scope():
        made, _ = gift_runs.start(
            gift, key=key or uuid.uuid4().hex, caller=world.caller, at=world.at
        )
    return made


def refused(world: World, gift: BulkGift, key: str = "k") -> JifenError:
    with pytest.raises(JifenError) as error, world.scope():
        gift_runs.start(gift, key=key, caller=world.caller, at=world.at)
    return error.value


def finish(world: World, run: GiftRunInfo) -> GiftRunInfo:
    """Do what the worker does until nothing is left."""
    with world.scope():
        while gift_runs.go_on(at=world.at):
            pass
        return gift_runs.run(run.id)


def gifts_of(world: World, members: Sequence[uuid.UUID]) -> list[int]:
    """How many gifts each of them has."""
    with world.scope():
        rows = Row.objects.filter(kind="gift", member_id__in=members)
        got = list(rows.values_list("member_id", flat=True))
    return [got.count(each) for each in members]


@pytest.fixture
def small_slices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(gift_runs, "SLICE", 3)


@pytest.mark.usefixtures("small_slices")
def test_everybody_gets_it_once_slice_by_slice(world: World) -> None:
    people = [world.member() for _ in range(11)]
    gone, frozen = world.member(), world.member()
    world.booked(leave(world, gone))
    freeze(world, frozen)
    run = start(world, bulk(ToAll()))
    assert (run.status, run.members, run.given) == ("choosing", 0, 0)
    late = world.member()
    with world.scope():
        assert gift_runs.count(bulk(ToAll()), at=world.at) == 12
        gift_runs.go_on(at=world.at)
        chosen = gift_runs.run(run.id)
    assert (chosen.status, chosen.members, chosen.given) == ("giving", 11, 0)
    done = finish(world, run)
    assert (done.status, done.members, done.given, done.refused) == ("done", 11, 11, {})
    assert gifts_of(world, people) == [1] * 11
    assert gifts_of(world, [gone, frozen, late]) == [0, 0, 0]
    assert finish(world, run).ended_at == done.ended_at
    assert balance(world, people[0]) == (10, 0, 0, 0)
    world.verify()


def test_members_named_by_any_identity_and_more_than_once(world: World) -> None:
    one, two = world.member(phone="13911112222"), world.member()
    to = ToMembers((MemberRef("phone", "139 1111 2222"), ref(two), ref(one), ref(two)))
    with world.scope():
        assert gift_runs.count(bulk(to), at=world.at) == 2
    run = start(world, bulk(to, 7))
    assert (run.status, run.members, run.to) == ("giving", 2, "members")
    assert finish(world, run).given == 2
    assert [balance(world, each)[0] for each in (one, two)] == [7, 7]


def test_a_segment_is_who_was_in_it_when_the_run_was_started(world: World) -> None:
    inside, outside = world.member(), world.member()
    with world.scope():
        audience.save_segment(
            code="vip", name="VIP", condition=ByTag(any_of=("vip",)), by="t", at=world.at
        )
    put_tags(world, inside, "vip")
    with world.scope():
        assert gift_runs.count(bulk(ToSegment("vip")), at=world.at) == 1
    run = start(world, bulk(ToSegment("vip")))
    with world.scope():
        audience.drop_segment(code="vip", at=world.at)
    done = finish(world, run)
    assert (done.given, done.segment, done.to) == (1, "vip", "segment")
    assert gifts_of(world, [inside, outside]) == [1, 0]
    assert refused(world, bulk(ToSegment("vip"))).code == "unknown_segment"


def put_tags(world: World, member: uuid.UUID, *tags: str) -> None:
    """Staff tags a member."""
    changes = Changes(add_tags=tags)
    with world.scope():
        members.change(member_id=member, changes=changes, actor="tester", at=world.at)


def test_a_run_is_started_once_for_a_key(world: World) -> None:
    member = world.member()
    first = start(world, bulk(named(member)), key="k")
    with world.scope():
        again, replayed = gift_runs.start(
            bulk(named(member)), key="k", caller=world.caller, at=world.at + DAY
        )
    assert (again.id, replayed) == (first.id, True)
    conflict = refused(world, bulk(named(member), 11))
    assert (conflict.code, conflict.fields) == ("key_conflict", {"first_id": str(first.id)})
    finish(world, first)
    assert balance(world, member)[0] == 10


def test_the_same_key_at_once_starts_one_run(world: World) -> None:
    member = world.member()

    def call() -> uuid.UUID:
        return start(world, bulk(named(member)), key="same").id

    assert len(set(together([call] * 16))) == 1
    with world.scope():
        assert len(gift_runs.runs(before=None, limit=10)) == 1


def test_a_run_that_cannot_be_started_leaves_nothing(world: World) -> None:
    member = world.member()
    stranger = World().member()
    assert refused(world, bulk(named(member), unit="growth")).code == "not_points"
    assert refused(world, bulk(named(member), unit="tea")).code == "unknown_unit"
    assert refused(world, bulk(named(member), expires_at=world.at)).code == "ends_too_early"
    unknown = refused(world, bulk(named(member, stranger)))
    assert (unknown.code, unknown.fields["position"]) == ("unknown_member", 1)
    nobody = ToMembers((MemberRef("card", "nobody"),))
    assert refused(world, bulk(nobody)).code == "unknown_member"
    with world.scope():
        assert gift_runs.runs(before=None, limit=10) == []


@pytest.mark.usefixtures("small_slices")
def test_who_cannot_have_it_is_told_with_the_reason(world: World) -> None:
    people = [world.member() for _ in range(5)]
    run = start(world, bulk(named(*people)))
    freeze(world, people[0])
    world.booked(leave(world, people[4]))
    done = finish(world, run)
    assert (done.status, done.given) == ("done", 3)
    assert done.refused == {"member_frozen": 1, "member_left": 1}
    assert gifts_of(world, people) == [0, 1, 1, 1, 0]


@pytest.mark.usefixtures("small_slices")
def test_cancelled_it_gives_no_more_and_what_was_given_stays(world: World) -> None:
    people = [world.member() for _ in range(7)]
    run = start(world, bulk(named(*people)))
    with world.scope():
        gift_runs.go_on(at=world.at)
        cancelled = gift_runs.cancel(run.id, by="back office", at=world.at)
        assert (cancelled.status, cancelled.given, cancelled.members) == ("cancelled", 3, 7)
        with pytest.raises(JifenError) as error:
            gift_runs.cancel(run.id, by="back office", at=world.at)
    assert (error.value.code, error.value.fields) == ("gift_run_ended", {"run_status": "cancelled"})
    assert finish(world, run).given == 3
    assert sum(gifts_of(world, people)) == 3
    choosing = start(world, bulk(ToAll()))
    with world.scope():
        gift_runs.cancel(choosing.id, by="back office", at=world.at)
    assert finish(world, choosing).members == 0


def test_another_programmes_run_is_unknown(world: World) -> None:
    run = start(world, bulk(named(world.member())))
    with World().scope(), pytest.raises(JifenError) as error:
        gift_runs.run(run.id)
    assert error.value.code == "unknown_gift_run"


class Killed(BaseException):
    """The worker is no more."""


def killed(world: World, monkeypatch: pytest.MonkeyPatch, name: str, days: int = 0) -> None:
    """The worker does its next slice and dies in this statement."""

    def die(*_: Any, **__: Any) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(queries, name, die)
        with world.scope(), pytest.raises(Killed):
            gift_runs.go_on(at=world.at + days * DAY)


@pytest.mark.usefixtures("small_slices")
def test_killed_after_giving_nobody_gets_it_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies after the gifts are booked and before that is written down; each time."""
    people = [world.member() for _ in range(7)]
    run = start(world, bulk(ToAll()))
    killed(world, monkeypatch, "choose_gift_run_members")
    with world.scope():
        gift_runs.go_on(at=world.at)
        assert gift_runs.run(run.id).given == 0
    for given in (3, 6, 7):
        killed(world, monkeypatch, "mark_gift_run_members", days=1)
        with world.scope():
            assert gift_runs.run(run.id).given < given
            gift_runs.go_on(at=world.at + 2 * DAY)
            assert gift_runs.run(run.id).given == given
    assert finish(world, run).status == "done"
    assert gifts_of(world, people) == [1] * 7
    assert [balance(world, each)[0] for each in people] == [10] * 7
    world.verify()


@pytest.mark.usefixtures("small_slices")
def test_two_workers_at_once_give_once(world: World) -> None:
    people = [world.member() for _ in range(30)]
    run = start(world, bulk(ToAll()))
    done = together([lambda: finish(world, run)] * 4)
    assert {each.status for each in done} == {"done"}
    final = finish(world, run)
    assert (final.members, final.given) == (30, 30)
    assert gifts_of(world, people) == [1] * 30
    with world.scope():
        assert ledger.totals()["points"]["earn"] == 300
    world.verify()


# --- a run's own book-keeping --------------------------------------------------------------------


@pytest.mark.usefixtures("small_slices")
def test_cancelled_after_a_death_it_counts_who_has_it(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker dies after the gifts are booked, and the run is cancelled before another one."""
    people = [world.member() for _ in range(7)]
    run = start(world, bulk(named(*people)))
    killed(world, monkeypatch, "mark_gift_run_members")
    with world.scope():
        assert gift_runs.run(run.id).given == 0
        assert gift_runs.cancel(run.id, by="back office", at=world.at).given == 3
    assert finish(world, run).given == sum(gifts_of(world, people)) == 3


@pytest.mark.usefixtures("small_slices")
@pytest.mark.parametrize(("settled", "dies"), [(False, False), (False, True), (True, False)])
def test_cancelled_while_a_slice_is_on_its_way_it_counts_that_too(
    world: World, monkeypatch: pytest.MonkeyPatch, *, settled: bool, dies: bool
) -> None:
    people = [world.member() for _ in range(7)]
    run = start(world, bulk(named(*people)))
    book = booking.book

    def overtaken(**values: Any) -> Any:
        """The run is cancelled just before its slice is booked, then its worker may die."""
        patch.undo()
        gift_runs.cancel(run.id, by="back office", at=world.at)
        if settled:
            gift_runs.go_on(at=world.at)
        done = book(**values)
        if dies:
            raise Killed
        return done

    with monkeypatch.context() as patch, world.scope():
        patch.setattr(booking, "book", overtaken)
        with pytest.raises(Killed) if dies else nullcontext():
            gift_runs.go_on(at=world.at)
    done = finish(world, run)
    assert (done.status, done.given, done.members) == ("cancelled", 3, 7)
    assert sum(gifts_of(world, people)) == 3


def test_cancelled_while_its_members_are_chosen_nobody_was(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    member = world.member()
    run = start(world, bulk(ToAll()))
    choose = queries.choose_gift_run_members

    def overtaken(*args: Any) -> None:
        """The run is cancelled by somebody else before the choice is committed."""
        choose(*args)
        together([cancel])

    def cancel() -> None:
        with world.scope():
            gift_runs.cancel(run.id, by="back office", at=world.at)

    with monkeypatch.context() as patch, world.scope():
        patch.setattr(queries, "choose_gift_run_members", overtaken)
        gift_runs.go_on(at=world.at)
    done = finish(world, run)
    assert (done.status, done.members) == ("cancelled", 0)
    assert gifts_of(world, [member]) == [0]


def test_a_run_that_is_over_is_counted_no_more(world: World) -> None:
    """Its totals are written when it ends: the rows are not looked at again."""
    people = [world.member() for _ in range(3)]
    freeze(world, people[0])
    over, open_one = (start(world, bulk(named(*people), points)) for points in (1, 2))
    with world.scope():
        gift_runs.cancel(open_one.id, by="back office", at=world.at)
    done = finish(world, over)
    assert (done.members, done.given, done.refused) == (3, 2, {"member_frozen": 1})
    with world.scope():
        assert not GiftRun.objects.filter(totals="").exists()
        GiftRunMember.objects.all().delete()
        assert gift_runs.run(over.id) == done
        assert [each.members for each in gift_runs.runs(before=None, limit=9)] == [3, 3]
        with pytest.raises(IntegrityError, match="gift_run_totals_at_the_end"):
            GiftRun.objects.filter(id=over.id).update(status="giving", ended_at=None)


def test_a_run_that_fails_keeps_no_other_waiting(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    member = world.member()
    faulty, good = start(world, bulk(ToAll())), start(world, bulk(named(member)))
    with world.scope():
        unknown = '{"kind":"store","any_of":["nowhere"]}'
        GiftRun.objects.filter(id=faulty.id).update(condition=unknown)
    assert finish(world, good).status == "done"
    assert finish(world, faulty).status == "choosing"
    assert f"a gift run failed run={faulty.id}" in caplog.text


def test_the_reason_of_a_run_names_none_of_its_members(world: World) -> None:
    one = world.member(name="王小明")
    other = world.member(phone="13911112222", name="Aurora")
    world.booked(merge(world, other, world.member(name="Bella")))
    reason = "for 王小明, Aurora (13911112222), once Bella, not Clara"
    run = start(world, bulk(named(one, other), reason=reason))
    assert run.reason == "for ***, *** (***), once ***, not Clara"
    finish(world, run)
    with world.scope():
        bodies = Row.objects.filter(kind="gift").values_list("body", flat=True)
        assert not [body for body in bodies if "Aurora" in str(body) or "王小明" in str(body)]
