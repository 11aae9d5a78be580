"""A checkout's quote is of one moment."""

from datetime import datetime

import pytest
from tests.world import OFFSET, World, rule_set, together

from jifen.earning import quoting, services
from jifen.earning.context import Context
from jifen.earning.quoting import CheckoutQuote
from jifen.earning.types import Booked, Purchase


def test_what_is_booked_while_a_quote_is_made_does_not_show_in_a_part_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World(rule_set(offset=OFFSET))
    member = world.member(500)
    order = world.purchase(member, 10_000)

    def later(context: Context, order: Purchase, booked: Booked, *, at: datetime) -> CheckoutQuote:
        together([lambda: world.booked(world.adjustment(member, -400))])
        return quoting.quote_of(context, order, booked, at=at)

    monkeypatch.setattr(services, "quote_of", later)
    with world.scope():
        quote = services.quote_checkout(purchase=order, caller=world.caller, at=world.at)
    assert quote.most_points == 500
    with world.scope():
        monkeypatch.undo()
        again = services.quote_checkout(purchase=order, caller=world.caller, at=world.at)
    assert again.most_points == 100
