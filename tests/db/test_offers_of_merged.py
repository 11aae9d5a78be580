"""Offers of points to somebody who is merged, or parted, in the same batch."""

import uuid
from collections.abc import Callable

import pytest
from tests.acts import acceptance, decline, transfer
from tests.people import merge, undo
from tests.world import World, codes, rule_set

from jifen.earning.types import Activity

Answer = Callable[[World, uuid.UUID, uuid.UUID], Activity]
OFFERED = {"points": {"confirm": True, "days": 7}}
ANSWERS = pytest.mark.parametrize("answer", [acceptance, decline], ids=["accepted", "declined"])


@pytest.fixture
def shop() -> World:
    return World(rule_set(transfers=OFFERED))


def offered(shop: World, taker: uuid.UUID) -> uuid.UUID:
    return shop.booked(transfer(shop, shop.member(100), taker, 60)).id


@ANSWERS
def test_who_became_the_receiver_in_the_same_batch_tries_again(shop: World, answer: Answer) -> None:
    taker, survivor = shop.member(), shop.member()
    answers = answer(shop, offered(shop, taker), survivor)
    outcomes = shop.book(merge(shop, survivor, taker), answers)
    assert codes(outcomes) == ["member_busy"]
    shop.booked(answers)
    shop.verify()


@ANSWERS
def test_who_was_parted_from_the_receiver_in_the_same_batch_has_no_say(
    shop: World, answer: Answer
) -> None:
    taker, survivor = shop.member(), shop.member()
    offer = offered(shop, taker)
    joined = shop.booked(merge(shop, survivor, taker))
    answers = answer(shop, offer, survivor)
    outcomes = shop.book(undo(shop, joined.id), answers)
    assert codes(outcomes) == ["member_busy"]
    assert shop.refused(answers) == "transfer_of_others"
    shop.booked(answer(shop, offer, taker))
    shop.verify()
