"""Orders and money in histories of lives: paid, held and captured, refunded in parts, topped up."""

from datetime import datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from tests import acts
from tests.properties import points_model as model
from tests.properties.lives import MEMBERS, PENDING_DAYS
from tests.properties.lives_points import Points

from jifen.earning.types import Activity, Purchase, TopUp

CARD_LIMIT = 100_000


class Sold(NamedTuple):
    """An order that was booked."""

    order: Purchase
    sale: model.Sale


class Cart(NamedTuple):
    """A checkout that was booked: the order that it will be, and what holds what will pay."""

    id: UUID
    order: Purchase
    sale: model.Sale
    holds: dict[str, model.Hold]
    until: datetime


class Saved(NamedTuple):
    """A top-up: its money, and what it gave."""

    top_up: TopUp
    who: int
    lot: model.Lot
    reward: model.Reward
    paid_out: list[int]


class Orders(Points):
    """What is bought, and how it is paid."""

    def __init__(self) -> None:
        super().__init__()
        self.sold: list[Sold] = []
        self.carts: list[Cart] = []
        self.saved: list[Saved] = []

    # --- orders ------------------------------------------------------------------------------

    def buy(self, who: int, worth: list[int]) -> None:
        """An order of some lines, each of one piece."""
        self.pay(who, worth, 0, 0)

    def pay(self, who: int, worth: list[int], points: int, stored: int) -> None:
        """An order that points and stored value pay as far as it costs so much."""
        sale, means = self._sale(who, worth, points, stored)
        order = self.world.purchase(self.ids[who], *worth, **means)
        refused = self._unpaid(sale, means)
        if refused:
            self.expect(order, refused)
            return
        for unit, amount in sale.means.items():
            sale.paid[unit] = self.holder(who)[unit].spend(amount)
        act = "paid purchase" if any(means.values()) else ""
        self._sell(sale, order, order, act)

    def _sale(
        self, who: int, worth: list[int], points: int, stored: int
    ) -> tuple[model.Sale, dict[str, int]]:
        """An order, and how it is to be paid: by so many per cent of what there is, and not by more
        than it costs."""
        mine = self.holder(who)
        points = min(mine["points"].available * points // 100, sum(worth))
        stored = min(self._most(mine) * stored // 100, sum(worth) - points)
        bonus = min(mine["bonus"].available, stored // 2)
        means = {"points": points, "bonus": bonus, "principal": stored - bonus}
        sale = model.Sale(self.root(who), worth, means)
        return sale, {"points_paid": points, "stored_minor": stored}

    @staticmethod
    def _most(mine: model.Member) -> int:
        """The most that stored value pays: half of it bonus money."""
        money = mine["principal"].available
        return min(money + mine["bonus"].available, 2 * money)

    def _unpaid(self, sale: model.Sale, means: dict[str, int]) -> str:
        """Why it cannot be paid so."""
        mine = self.people[sale.who]
        if means["stored_minor"] > self._most(mine):
            return "insufficient_stored_value"
        return "insufficient_points" if sale.means["points"] > mine["points"].available else ""

    def _sell(self, sale: model.Sale, order: Purchase, activity: Activity, act: str = "") -> None:
        """It was paid: it gives points, which pend."""
        given = sale.award
        if given:
            ripens = model.end_of_day(self.at, PENDING_DAYS[self.confirms])
            until = model.good_until("points", self.at)
            lot = self.people[sale.who]["points"].gain(given, until, ripens)
            sale.reward.lots.append(lot)
        units = [unit for unit, amount in sale.means.items() if amount]
        touched = [(sale.who, unit) for unit in {*units, *(["points"] if given else [])}]
        moved = given - sale.means["points"]
        booked = self.expect(activity, moved, *touched, act=act)
        assert booked
        self.sold.append(Sold(order, sale))

    def refund(self, which: int, named: tuple[int, ...]) -> None:
        """Some lines of an order, or all that is kept."""
        if not any(map(self._kept, self.sold)):
            self.pay(which % MEMBERS, [1_500, 2_500], 30, 30)
        if not self.sold:
            return
        order, sale = self.pick(self.sold, which, self._kept)
        lines = {line for line in named if line < len(sale.worth)}
        if which % 3:  # mostly none that came back before
            lines -= sale.refunded
        activity = self.world.refund(order, *[(line, 1) for line in sorted(lines)])
        kept = set(range(len(sale.worth))) - sale.refunded
        if not kept:
            self.expect(activity, "nothing_kept")
            return
        if lines & sale.refunded:
            self.expect(activity, "refund_above_purchase")
            return
        holder = self.holder(sale.who)
        before = dict(sale.back)
        moved = model.refund(sale, lines or kept, self.people[sale.who], holder, self.at)
        back = [
            (sale.who, unit) for unit, minor in sale.back.items() if minor > before.get(unit, 0)
        ]
        self.takes_back(sale.who)
        means = "paid " if any(sale.means.values()) else ""
        part = " in part" if lines and lines != kept else ""
        touched = {*back, *([(sale.who, "points")] if moved else [])}
        self.expect(activity, moved, *touched, act=f"{means}refund{part}")

    @staticmethod
    def _kept(sold: Sold) -> bool:
        return len(sold.sale.refunded) < len(sold.sale.worth)

    def _awaited(self, sold: Sold) -> bool:
        return self._kept(sold) and not sold.sale.confirmed

    def confirm(self, which: int) -> None:
        """An order was delivered."""
        if not any(map(self._awaited, self.sold)):
            self.buy(which % MEMBERS, [3_000])
        if not self.sold:
            return
        order, sale = self.pick(self.sold, which, self._awaited)
        activity = acts.confirmation(self.world, order)
        if sale.confirmed:
            self.expect(activity, "already_confirmed")
        elif len(sale.refunded) == len(sale.worth):
            self.expect(activity, "nothing_kept")
        else:
            sale.confirmed = True
            mine = self.holder(sale.who)["points"].lots
            for lot in sale.reward.own if self.confirms else ():
                if lot in mine:
                    lot.ripens = None
            self.takes_back(sale.who)
            self.expect(activity, 0)

    # --- orders that are paid later ----------------------------------------------------------

    def check_out(self, who: int, worth: list[int], points: int, stored: int, hours: int) -> None:
        """What will pay for an order is held."""
        sale, means = self._sale(who, worth, points, stored)
        checkout = self.world.checkout(self.ids[who], *worth, minutes=hours * 60, **means)
        refused = self._unpaid(sale, means)
        if refused:
            self.expect(checkout, refused)
            return
        until = self.at + timedelta(hours=hours)
        mine = self.people[sale.who]
        holds = {
            unit: mine[unit].hold(amount, until) for unit, amount in sale.means.items() if amount
        }
        booked = self.expect(checkout, 0, *[(sale.who, unit) for unit in holds])
        assert booked
        order = self.world.purchase(None, *worth, reference=checkout.reference)
        self.carts.append(Cart(booked.id, order, sale, holds, until))

    def pay_checkout(self, which: int) -> None:
        """The money came."""
        if not any(map(self._stands, self.carts)):
            self.check_out(which % MEMBERS, [1_500, 2_500], 30, 30, 30)
        if not self.carts:
            return
        cart = self.pick(self.carts, which, self._stands)
        activity = self.world.paid(cart.id)
        if not self._stands(cart):
            self.expect(activity, self._over(cart))
            return
        self.answered.add(cart.id)
        mine = self.people[cart.sale.who]
        for unit, hold in cart.holds.items():
            cart.sale.paid[unit] = mine[unit].capture(hold, hold.left)
        self._sell(cart.sale, cart.order, activity, "checkout_capture")

    def drop_checkout(self, which: int) -> None:
        """The money will not come."""
        if not any(map(self._stands, self.carts)):
            self.check_out(which % MEMBERS, [1_500, 2_500], 30, 30, 30)
        if not self.carts:
            return
        cart = self.pick(self.carts, which, self._stands)
        activity = self.world.dropped(cart.id)
        if not self._stands(cart):
            self.expect(activity, self._over(cart))
            return
        self.answered.add(cart.id)
        late = {
            unit: self.people[cart.sale.who][unit].free(hold, hold.left, self.at)
            for unit, hold in cart.holds.items()
        }
        touched = [(cart.sale.who, unit) for unit in cart.holds]
        self.expect(activity, -late.get("points", 0), *touched)

    def _stands(self, cart: Cart) -> bool:
        return cart.id not in self.answered and cart.until > self.at

    def _over(self, cart: Cart) -> str:
        return "hold_ended" if cart.id in self.answered else "hold_ran_out"

    # --- money -------------------------------------------------------------------------------

    def top_up(self, who: int, minor: int) -> None:
        """Money comes in, and gives bonus money."""
        mine = self.holder(who)
        activity = self.world.top_up(self.ids[who], minor)
        if mine["principal"].net + minor > CARD_LIMIT:
            self.expect(activity, "above_card_limit")
            return
        lot = mine["principal"].gain(minor, None)
        reward = model.Reward()
        given = self._reward(minor)
        if given:
            reward.lots.append(mine["bonus"].gain(given, model.good_until("bonus", self.at)))
        self.saved.append(Saved(activity, self.root(who), lot, reward, []))
        self.expect(activity, 0, (who, "principal"), *([(who, "bonus")] if given else []))

    def pay_out(self, which: int, minor: int | None) -> None:
        """Money of a top-up goes back, with what the rest of it would not have given."""
        if not any(map(self._has_money, self.saved)):
            self.top_up(which % MEMBERS, 1_234)
        if not self.saved:
            return
        found = self.pick(self.saved, which, self._has_money)
        activity = self.world.pay_out(found.top_up, minor)
        mine, lot = self.holder(found.who), self._money(found)
        left = lot.left if lot in mine["principal"].lots else 0
        if not left or (minor or 0) > left:
            self.expect(activity, "top_up_spent")
            return
        minor = minor or left
        kept = found.top_up.paid_minor - sum(found.paid_out)
        lost = self._reward(kept) - self._reward(kept - minor)
        there = sum(each.left for each in mine["bonus"].lots)
        if lost - found.reward.counts(lost) > there:
            self.expect(activity, "top_up_reward_spent")
            return
        found.paid_out.append(minor)
        lot.left -= minor
        found.reward.take_back(lost, mine["bonus"])
        self.takes_back(found.who)
        self.expect(activity, 0, (found.who, "principal"))

    @staticmethod
    def _money(found: Saved) -> model.Lot:
        return list(found.lot.line)[-1]

    def _has_money(self, found: Saved) -> bool:
        return bool(self._money(found).left)

    @staticmethod
    def _reward(minor: int) -> int:
        return minor // model.REWARD_PER * model.REWARD

    def convert(self, who: int, times: int) -> None:
        """Points become bonus money."""
        mine = self.holder(who)
        activity = self.world.convert(self.ids[who], "money", times)
        if 10 * times > mine["points"].available:
            self.expect(activity, "insufficient_points")
            return
        mine["points"].spend(10 * times)
        mine["bonus"].gain(25 * times, model.good_until("bonus", self.at))
        self.expect(activity, -10 * times, (who, "points"), (who, "bonus"))

    # --- debts -------------------------------------------------------------------------------

    def overspend(self, who: int, worth: int) -> None:
        """An order is refunded when what it gave is spent: that is owed."""
        self.buy(who, [worth])
        sold = self.sold[-1]
        self.later(24 * (PENDING_DAYS[self.confirms] + 1))
        if available := self.holder(who)["points"].available:
            self.burn(who, available)
        if self.holder(who)["points"].filled:
            return
        holder = self.holder(who)
        moved = model.refund(sold.sale, [0], self.people[sold.sale.who], holder, self.at)
        self.takes_back(sold.sale.who)
        self.expect(self.world.refund(sold.order), moved, (who, "points"))

    def waive(self, who: int, points: int | None) -> None:
        """Staff forgives what is owed, most likely by somebody who owes."""
        if not any(mine["points"].owed for mine in self.people):
            self.overspend(who, 3_000)
        who = next((each for each in range(MEMBERS) if self.holder(each)["points"].owed), who)
        mine = self.holder(who)["points"]
        activity = acts.waiver(self.world, self.ids[who], points)
        if not mine.owed or (points or 0) > mine.owed:
            self.expect(activity, "not_owed")
            return
        points = points or mine.owed
        mine.owed -= points
        self.expect(activity, points, (who, "points"))
