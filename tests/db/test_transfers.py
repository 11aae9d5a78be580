"""Transfers between members: at once or as an offer, with origins and dates, seen by both."""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from tests.acts import acceptance, confirmation, decline, hold, release, transfer
from tests.people import freeze, leave, merge
from tests.world import NOON, OFFSET, World, codes, rule_set

from jifen.earning import selectors as earning
from jifen.earning.models import Activity as Row
from jifen.earning.types import Activity, ActivityInfo, Booked, MemberRef, OpeningLot, Refused

DAY = timedelta(days=1)
FREE: dict[str, Any] = {"points": {}}
OFFERED: dict[str, Any] = {"points": {"confirm": True, "days": 7}}


def shop(transfers: dict[str, Any], **document: Any) -> World:
    return World(rule_set(transfers=transfers, **document))


def balance(world: World, member: uuid.UUID) -> tuple[int, ...]:
    """(available, held, deficit)"""
    found = world.balance(member)
    return found.available, found.held, found.deficit


def history(world: World, member: uuid.UUID) -> list[ActivityInfo]:
    """What the member sees, the first one first."""
    with world.scope():
        return earning.activities(member_id=member, before=None, limit=100)[::-1]


def said(world: World, activity_id: uuid.UUID) -> tuple[str, ...]:
    with world.scope():
        return earning.explain(activity_id, language="en").sentences


def facts(world: World, activity: Activity) -> tuple[str, dict[str, object]]:
    """The code and the facts of a refusal."""
    [outcome] = world.book(activity)
    assert isinstance(outcome, Refused), outcome
    return outcome.error.code, dict(outcome.error.fields)


# --- at once -------------------------------------------------------------------------------------


def test_points_move_with_their_dates() -> None:
    world = shop(FREE)
    soon, late = world.at + 10 * DAY, world.at + 99 * DAY
    giver = world.member(OpeningLot("points", 50, late), OpeningLot("points", 70, soon), 5)
    taker = world.member(9)
    booked = world.booked(transfer(world, giver, taker, 100))
    assert booked.points == {"points": -100}
    assert world.lots(giver) == [(20, late), (5, None)]
    assert world.lots(taker) == [(9, None), (70, soon), (30, late)]
    world.verify()


def test_both_see_their_own_side_of_it() -> None:
    world = shop(FREE)
    giver, taker = world.member(100), world.member(40)
    booked = world.booked(transfer(world, giver, taker, 60, note="for the tea"))
    gave, got = history(world, giver)[-1], history(world, taker)[-1]
    assert (gave.id, gave.kind, gave.points) == (booked.id, "transfer", {"points": -60})
    assert gave.body["to"] == {"kind": "id", "value": str(taker)}
    assert (got.kind, got.of_id, got.points) == ("transfer_in", booked.id, {"points": 60})
    assert (got.body["from"], got.body["note"]) == (str(giver), "for the tea")
    assert said(world, gave.id) == ("60 points transferred to another member",)
    assert said(world, got.id) == ("60 points transferred from another member",)
    with world.scope():
        [sent] = earning.explain(gave.id, language="zh").postings
        [arrived] = earning.explain(got.id, language="zh").postings
    assert (sent.balance_after, arrived.balance_after) == (40, 100)
    assert (sent.reason, sent.transaction_id) == ("for the tea", arrived.transaction_id)


def test_a_note_keeps_nothing_that_names_a_person() -> None:
    world = shop(FREE)
    giver = world.member(100)
    taker = world.member(phone="13912345678", name="王小明")
    to = MemberRef("phone", "13912345678")
    note = "给王小明 139 1234 5678"
    booked = world.booked(transfer(world, giver, taker, 60, to=to, note=note))
    with world.scope():
        rows = Row.objects.filter(member_id__in=[giver, taker])
        kept = "".join(rows.values_list("body", flat=True))
    assert "5678" not in kept
    assert "王小明" not in kept
    assert history(world, giver)[-1].body["to"] == {"kind": "id", "value": str(taker)}
    assert booked.points == {"points": -60}


def test_what_the_receiver_owes_is_paid_first() -> None:
    world = shop(FREE)
    giver, taker = world.member(100), world.member()
    order = world.purchase(taker, 8_000)
    world.booked(order)
    world.booked(world.adjustment(taker, -80))
    world.booked(world.refund(order))
    assert balance(world, taker) == (0, 0, 80)
    world.booked(transfer(world, giver, taker, 60))
    assert balance(world, taker) == (0, 0, 20)
    world.verify()


def test_there_and_back_again_in_one_batch() -> None:
    world = shop(FREE)
    ends = world.at + 10 * DAY
    one, two, three = world.member(OpeningLot("points", 60, ends)), world.member(), world.member()
    outcomes = world.book(
        transfer(world, one, two, 60),
        transfer(world, two, three, 50),
        transfer(world, two, one, 11),
        transfer(world, three, one, 50),
        transfer(world, two, one, 10),
    )
    assert codes(outcomes) == ["insufficient_points"]
    assert world.lots(one) == [(50, ends), (10, ends)]
    assert balance(world, two) == balance(world, three) == (0, 0, 0)
    world.verify()


def test_pending_and_held_points_are_not_given_away() -> None:
    world = shop(FREE, pending={"points": {"kind": "confirmed"}})
    giver, taker = world.member(30), world.member()
    order = world.purchase(giver, 10_000)
    world.booked(order)
    held = world.booked(hold(world, giver, 10))
    code, told = facts(world, transfer(world, giver, taker, 21))
    assert (code, told["short_by"]) == ("insufficient_points", 1)
    world.booked(confirmation(world, order))
    world.booked(release(world, held.id))
    world.booked(transfer(world, giver, taker, 130))
    assert balance(world, taker) == (130, 0, 0)
    world.verify()


# --- what the rule set allows --------------------------------------------------------------------


def test_limits_each_with_its_own_name() -> None:
    world = shop({"points": {"minimum": 10, "most": 50, "per_day": 90}})
    giver, taker = world.member(1_000), world.member(1_000)
    few = facts(world, transfer(world, giver, taker, 9))
    many = facts(world, transfer(world, giver, taker, 51))
    assert few == ("transfer_below_minimum", {"minimum": 10})
    assert many == ("transfer_above_most", {"most": 50})
    world.booked(transfer(world, giver, taker, 50))
    world.booked(transfer(world, taker, giver, 50))
    code, told = facts(world, transfer(world, giver, taker, 41))
    assert (code, told) == ("transfer_day_limit", {"left": 40, "asked": 41})
    world.booked(transfer(world, giver, taker, 40))
    assert world.refused(transfer(world, giver, taker, 10)) == "transfer_day_limit"
    world.at += 12 * timedelta(hours=1)
    world.booked(transfer(world, giver, taker, 50))
    world.verify()


def test_the_day_is_that_of_the_programmes_zone() -> None:
    world = shop({"points": {"per_day": 50}})
    giver, taker = world.member(1_000), world.member()
    midnight = world.at.replace(hour=16)  # 24:00 in Shanghai
    world.at = midnight
    world.booked(transfer(world, giver, taker, 50, occurred_at=midnight - timedelta(seconds=1)))
    world.booked(transfer(world, giver, taker, 50, occurred_at=midnight))
    assert world.refused(transfer(world, giver, taker, 1)) == "transfer_day_limit"


def test_what_is_not_allowed() -> None:
    world = World()
    giver, taker = world.member(100), world.member()
    assert world.refused(transfer(world, giver, taker, 10)) == "transfer_not_allowed"
    world.publish(rule_set(transfers=FREE))
    assert world.refused(transfer(world, giver, giver, 10)) == "transfer_to_oneself"
    assert world.refused(transfer(world, giver, taker, 10, unit="growth")) == "not_points"
    assert world.refused(transfer(world, giver, taker, 10, unit="tea")) == "unknown_unit"
    stranger = shop(FREE).member(100)
    assert world.refused(transfer(world, giver, stranger, 10)) == "unknown_member"
    assert world.refused(transfer(world, stranger, giver, 10)) == "unknown_member"
    assert world.refused(transfer(world, giver, uuid.uuid4(), 10)) == "unknown_member"
    freeze(world, taker)
    assert world.refused(transfer(world, giver, taker, 10)) == "member_frozen"
    assert world.refused(transfer(world, taker, giver, 10)) == "member_frozen"
    gone = world.member()
    world.booked(leave(world, gone))
    assert world.refused(transfer(world, giver, gone, 10)) == "member_left"
    assert balance(world, giver) == (100, 0, 0)
    world.verify()


def test_a_merged_member_is_its_survivor() -> None:
    world = shop(FREE)
    giver, part, taker = world.member(100), world.member(), world.member()
    world.booked(merge(world, giver, part))
    assert world.refused(transfer(world, giver, part, 10)) == "transfer_to_oneself"
    world.booked(transfer(world, part, taker, 10))
    world.booked(transfer(world, taker, part, 10))
    assert balance(world, giver) == (100, 0, 0)
    world.verify()


# --- offers --------------------------------------------------------------------------------------


@pytest.fixture
def offered() -> tuple[World, uuid.UUID, uuid.UUID, uuid.UUID]:
    """A shop, giver and receiver, and the offer of 60 of the giver's 100."""
    world = shop(OFFERED)
    giver, taker = world.member(100), world.member()
    return world, giver, taker, world.booked(transfer(world, giver, taker, 60)).id


Offered = tuple[World, uuid.UUID, uuid.UUID, uuid.UUID]


def test_an_offer_holds_until_it_is_accepted(offered: Offered) -> None:
    world, giver, taker, offer = offered
    assert (balance(world, giver), balance(world, taker)) == ((40, 60, 0), (0, 0, 0))
    accepted = world.booked(acceptance(world, offer, taker))
    assert (accepted.member_id, accepted.points) == (taker, {"points": 60})
    assert (balance(world, giver), balance(world, taker)) == ((40, 0, 0), (60, 0, 0))
    assert [each.kind for each in history(world, giver)][-2:] == ["transfer", "transfer_out"]
    assert [each.kind for each in history(world, taker)][-2:] == ["transfer_offer", "acceptance"]
    assert history(world, giver)[-1].points == {"points": -60}
    assert said(world, offer) == (
        "60 points are held for the receiver, who may accept them until 2026-06-09 00:00",
    )
    assert said(world, accepted.id) == ("60 points transferred from another member",)
    assert said(world, history(world, giver)[-1].id) == (
        "The hold of 60 points has ended",
        "60 points transferred to another member",
    )
    world.verify()


def test_the_very_points_that_were_offered_cross() -> None:
    """Also those of lots that the hold emptied, and whatever came to the giver since."""
    world = shop(OFFERED)
    late, soon = world.at + 90 * DAY, world.at + 20 * DAY
    giver = world.member(OpeningLot("points", 50, late), 50)
    taker = world.member()
    offer = world.booked(transfer(world, giver, taker, 80)).id
    world.booked(world.adjustment(giver, 40, expires_at=soon))
    world.booked(acceptance(world, offer, taker))
    assert world.lots(taker) == [(50, late), (30, None)]
    assert sorted(world.lots(giver), key=str) == sorted([(20, None), (40, soon)], key=str)
    world.verify()


@pytest.mark.parametrize("by_giver", [False, True], ids=["receiver", "giver"])
def test_an_offer_is_declined_by_either_of_the_two(offered: Offered, by_giver: bool) -> None:
    world, giver, taker, offer = offered
    who, other = (giver, taker) if by_giver else (taker, giver)
    declined = world.booked(decline(world, offer, who))
    assert (declined.member_id, declined.points) == (who, {})
    assert (balance(world, giver), balance(world, taker)) == ((100, 0, 0), (0, 0, 0))
    assert history(world, who)[-1].kind == "decline"
    assert history(world, other)[-1].kind == "transfer_declined"
    for row in (history(world, who)[-1], history(world, other)[-1]):
        assert said(world, row.id)[0] == "The transfer of 60 points was declined"
    assert world.refused(acceptance(world, offer, taker)) == "transfer_decided"
    world.verify()


def test_an_offer_runs_out_with_no_job(offered: Offered) -> None:
    world, giver, taker, offer = offered
    world.at += 7 * DAY
    assert balance(world, giver) == (40, 60, 0)
    world.at += timedelta(hours=12)  # midnight in Shanghai
    assert balance(world, giver) == (100, 0, 0)
    code, told = facts(world, acceptance(world, offer, taker))
    assert (code, told["ended_at"]) == ("transfer_ran_out", world.at.isoformat())
    assert world.refused(decline(world, offer, giver)) == "transfer_ran_out"
    world.booked(world.adjustment(giver, -100))
    world.verify()


def test_an_offer_ends_no_later_than_its_points() -> None:
    world = shop(OFFERED)
    soon = world.at + 2 * DAY
    giver, taker = world.member(OpeningLot("points", 50, soon), 50), world.member()
    offer = world.booked(transfer(world, giver, taker, 80))
    assert offer.award.refusals[0].fields["expires_at"] == soon.isoformat()
    world.at = soon
    assert balance(world, giver) == (50, 0, 0)
    assert world.refused(acceptance(world, offer.id, taker)) == "transfer_ran_out"
    world.booked(world.adjustment(giver, -50))
    world.verify()


def test_whose_offer_it_is(offered: Offered) -> None:
    world, giver, taker, offer = offered
    third = world.member()
    before = world.dump(giver)
    assert world.refused(acceptance(world, offer, third)) == "transfer_of_others"
    assert world.refused(acceptance(world, offer, giver)) == "transfer_of_others"
    assert world.refused(decline(world, offer, third)) == "transfer_of_others"
    stranger = shop(OFFERED)
    outsider = stranger.member()
    assert stranger.refused(acceptance(stranger, offer, outsider)) == "unknown_activity"
    assert world.refused(acceptance(world, offer, outsider)) == "unknown_member"
    assert world.dump(giver) == before
    accepting = acceptance(world, offer, taker)
    world.booked(accepting)
    assert world.booked(accepting).replayed
    for act in (acceptance(world, offer, taker), decline(world, offer, giver)):
        assert world.refused(act) == "transfer_decided"
    world.verify()


def test_what_is_no_offer(offered: Offered) -> None:
    world, giver, taker, _ = offered
    adjusted = world.booked(world.adjustment(taker, 1)).id
    assert world.refused(acceptance(world, adjusted, taker)) == "unknown_transfer"
    world.publish(rule_set(transfers=FREE))
    plain = world.booked(transfer(world, giver, taker, 5)).id
    assert world.refused(acceptance(world, plain, taker)) == "transfer_decided"
    assert world.refused(decline(world, plain, taker)) == "transfer_decided"
    assert balance(world, taker) == (6, 0, 0)


def test_an_offer_is_no_hold_that_somebody_could_capture(offered: Offered) -> None:
    world, giver, _, offer = offered
    assert world.refused(release(world, offer)) == "unknown_hold"
    assert balance(world, giver) == (40, 60, 0)


def test_a_declined_offer_frees_the_days_limit() -> None:
    world = shop({"points": {"confirm": True, "per_day": 60}})
    giver, taker = world.member(200), world.member()
    offer = world.booked(transfer(world, giver, taker, 60)).id
    assert world.refused(transfer(world, giver, taker, 1)) == "transfer_day_limit"
    world.booked(decline(world, offer, taker))
    again = world.booked(transfer(world, giver, taker, 60)).id
    world.booked(acceptance(world, again, taker))
    assert world.refused(transfer(world, giver, taker, 1)) == "transfer_day_limit"
    world.verify()


def test_who_owes_gives_nothing_away() -> None:
    world = shop(OFFERED)
    giver, taker = world.member(), world.member()
    order = world.purchase(giver, 10_000)
    world.booked(order)
    offer = world.booked(transfer(world, giver, taker, 100)).id
    world.booked(world.refund(order))
    assert balance(world, giver) == (0, 100, 100)
    assert facts(world, acceptance(world, offer, taker)) == ("giver_owes", {"deficit": 100})
    world.booked(decline(world, offer, taker))
    assert balance(world, giver) == (0, 0, 0)
    world.verify()


def test_an_offer_to_somebody_who_was_merged_is_the_survivors(offered: Offered) -> None:
    world, giver, taker, offer = offered
    survivor = world.member()
    world.booked(merge(world, survivor, taker))
    assert world.refused(acceptance(world, offer, giver)) == "transfer_of_others"
    accepted = world.booked(acceptance(world, offer, survivor))
    assert accepted.member_id == survivor
    assert balance(world, survivor) == (60, 0, 0)
    world.verify()


def test_an_offer_to_somebody_who_became_the_giver_is_declined_only(offered: Offered) -> None:
    world, giver, taker, offer = offered
    world.booked(merge(world, giver, taker))
    assert world.refused(acceptance(world, offer, taker)) == "transfer_to_oneself"
    world.booked(decline(world, offer, taker))
    assert balance(world, giver) == (100, 0, 0)
    world.verify()


def test_an_offer_to_somebody_who_left_goes_back_to_the_giver(offered: Offered) -> None:
    world, giver, taker, offer = offered
    world.booked(leave(world, taker))
    assert world.refused(acceptance(world, offer, taker)) == "member_left"
    world.booked(decline(world, offer, giver))
    assert balance(world, giver) == (100, 0, 0)
    world.verify()


def test_a_frozen_giver_gets_it_back(offered: Offered) -> None:
    world, giver, taker, offer = offered
    freeze(world, giver)
    assert world.refused(acceptance(world, offer, taker)) == "member_frozen"
    world.booked(decline(world, offer, taker))
    assert balance(world, giver) == (100, 0, 0)


def test_a_refund_of_points_paid_finds_what_was_not_given_away() -> None:
    """What was transferred is gone from the giver: a refund claws back what is left, or owes."""
    world = shop(FREE, offset=OFFSET)
    giver, taker = world.member(), world.member()
    order = world.purchase(giver, 10_000)
    world.booked(order)
    world.booked(transfer(world, giver, taker, 70))
    world.booked(world.refund(order))
    assert (balance(world, giver), balance(world, taker)) == ((0, 0, 70), (70, 0, 0))
    world.verify()


def test_named_by_any_identity() -> None:
    world = shop(FREE)
    giver = world.member(100, phone="13911112222")
    taker = world.member(phone="13911113333")
    world.booked(
        transfer(
            world,
            giver,
            taker,
            60,
            member=MemberRef("phone", "13911112222"),
            to=MemberRef("phone", "+8613911113333"),
        )
    )
    assert balance(world, taker) == (60, 0, 0)


def test_all_that_a_hold_had_taken_is_given_away_once_the_hold_has_ended() -> None:
    """The lots come back when somebody looks, and cross with their origin and date."""
    soon = NOON + timedelta(days=9)
    world = World(rule_set(transfers={"points": {}}))
    giver, taker = world.member(OpeningLot("points", 20, soon)), world.member()
    world.booked(hold(world, giver, 20))
    world.at += timedelta(hours=1)
    assert isinstance(world.preview(transfer(world, giver, taker, 20))[0], Booked)
    world.booked(transfer(world, giver, taker, 20))
    assert (world.lots(giver), world.lots(taker)) == ([], [(20, soon)])
    world.verify()
