"""The whole life of what members own as random histories through the service: earned, pending,
confirmed, paid, checked out, burned, held, captured, released, transferred, offered, given, waived,
topped up, converted, refunded in parts, cleared, merged and parted, while time jumps. After each
step every figure, and every lot of what it touched, is the model's, and ``verify`` agrees."""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests import people
from tests.properties import points_model as model
from tests.properties.conftest import SEARCHING
from tests.properties.lives import MEMBERS
from tests.properties.lives_orders import Orders
from tests.world import undone

MERGE_UNDO = timedelta(days=30)


class Lives(Orders):
    """One shop and four members. Points of orders pend for days and transfers are done at once."""

    # --- merges ------------------------------------------------------------------------------

    def merge(self, who: int, other: int) -> None:
        """Two members are one person."""
        activity = people.merge(self.world, self.ids[who], self.ids[other])
        mine, theirs = self.people[who], self.people[other]
        if who != self.root(who) or other != self.root(other):
            self.expect(activity, "member_merged")
        elif who == other:
            self.expect(activity, "merge_with_itself")
        elif any(account.holds for account in theirs.values()):
            self.expect(activity, "holds_open")
        else:
            made = model.Merge(who, other, self.at)
            moved = made.join(mine, theirs)
            booked = self.expect(activity, moved, *[(who, unit) for unit in made.crossed])
            assert booked
            self.merges.append((booked.id, made))

    def part(self, which: int) -> None:
        """They are not."""
        if not any(map(self._stands_still, self.merges)):
            self.merge(which % MEMBERS, (which + 1) % MEMBERS)
        if not self.merges:
            return
        merge_id, merge = self.pick(self.merges, which, self._stands_still)
        activity = people.undo(self.world, merge_id)
        refused = self._stays(merge)
        if refused:
            self.expect(activity, refused)
            return
        here, there = self.people[merge.survivor], self.people[merge.other]
        moved = merge.part(here, there, self.at)
        if moved is None:
            self.expect(activity, "merged_points_spent")
            return
        merge.undone = True
        both = [(who, unit) for who in (merge.survivor, merge.other) for unit in merge.crossed]
        self.expect(activity, moved, *both)

    def _stands_still(self, known: tuple[UUID, model.Merge]) -> bool:
        return not self._stays(known[1])

    def _stays(self, merge: model.Merge) -> str:
        """Why a merge is not undone."""
        if merge.undone:
            return "already_done"
        if self.root(merge.survivor) != merge.survivor:
            return "member_merged"
        if self.at > merge.at + MERGE_UNDO:
            return "merge_undo_too_late"
        return "merged_orders_touched" if merge.touched else ""


class LivesWithAnswers(Lives):
    """The same where points wait for deliveries, and transfers for their receivers."""

    confirms = True


WHO = st.integers(0, MEMBERS - 1)
WHICH = st.integers(0, 10**6)
POINTS = st.integers(1, 60)
SOME = st.one_of(st.none(), st.integers(1, 40))
WORTH = st.lists(st.integers(0, 6_000), min_size=2, max_size=3)
SHARE = st.sampled_from([0, 7, 50, 100, 130])
"""How much of what there is pays, in per cent."""
NAMED = st.sampled_from([(0,), (1,), (0, 1), (0, 2), ()])
"""Lines that come back; all that is kept, without any."""
TOPPED_UP = st.sampled_from([99, 100, 1_234, 8_000, 40_000])
HOURS = st.sampled_from([1, 30, 200])
ARGUMENTS: dict[str, dict[str, Any]] = {
    "buy": {"who": WHO, "worth": WORTH},
    "pay": {"who": WHO, "worth": WORTH, "points": SHARE, "stored": SHARE},
    "refund": {"which": WHICH, "named": NAMED},
    "confirm": {"which": WHICH},
    "check_out": {
        "who": WHO,
        "worth": WORTH,
        "points": SHARE,
        "stored": SHARE,
        "hours": HOURS,
    },
    "pay_checkout": {"which": WHICH},
    "drop_checkout": {"which": WHICH},
    "burn": {"who": WHO, "points": POINTS},
    "hold": {"who": WHO, "points": POINTS, "hours": HOURS},
    "capture": {"which": WHICH, "points": SOME},
    "release": {"which": WHICH, "points": SOME},
    "transfer": {"who": WHO, "to": WHO, "points": POINTS},
    "accept": {"which": WHICH, "who": WHO},
    "decline": {"which": WHICH, "who": WHO},
    "give": {"who": WHO, "points": POINTS, "days": st.one_of(st.none(), st.integers(1, 12))},
    "overspend": {"who": WHO, "worth": st.integers(1_000, 6_000)},
    "waive": {"who": WHO, "points": SOME},
    "top_up": {"who": WHO, "minor": TOPPED_UP},
    "pay_out": {"which": WHICH, "minor": st.one_of(st.none(), TOPPED_UP)},
    "convert": {"who": WHO, "times": st.integers(1, 4)},
    "merge": {"who": WHO, "other": WHO},
    "part": {"which": WHICH},
    "later": {"hours": st.sampled_from([1, 13, 24, 75, 160, 260])},
    "close": {"limit": st.integers(1, 3)},
    "clear": {"unit": st.sampled_from(["points", "points", "bonus"]), "rarely": st.integers(0, 2)},
}
OFTEN = [*ARGUMENTS, "refund", "pay", "part", "decline"]
STEP = st.one_of([st.tuples(st.just(act), st.fixed_dictionaries(ARGUMENTS[act])) for act in OFTEN])
ACTS = frozenset(
    {
        *("purchase", "paid purchase", "refund", "refund in part", "paid refund"),
        *("paid refund in part", "confirmation", "checkout", "checkout_capture"),
        *("checkout_release", "adjustment", "hold", "capture", "release", "gift", "waiver"),
        *("top_up", "top_up_refund", "conversion", "merge", "merge_undo", "expire", "job", "clear"),
    }
)
OFFERS = frozenset({"offer", "acceptance", "decline"})


@pytest.mark.parametrize(
    ("kind", "extra"), [(Lives, {"transfer"}), (LivesWithAnswers, OFFERS)], ids=["lives", "answers"]
)
def test_lives(kind: type[Lives], extra: Iterable[str]) -> None:
    """And every act is done, not only tried, in one history of five at least."""
    histories: list[Counter[str]] = []

    @settings(max_examples=100 if SEARCHING else 15)
    @given(
        openings=st.lists(st.integers(40, 150), min_size=MEMBERS, max_size=MEMBERS),
        steps=st.lists(STEP, min_size=50, max_size=100 if SEARCHING else 60),
    )
    def live(openings: list[int], steps: list[tuple[str, dict[str, Any]]]) -> None:
        lives = kind()
        with undone():
            lives.enrol(openings)
            for act, given in steps:
                getattr(lives, act)(**given)
            lives.end()
        histories.append(lives.done)

    live()
    done = Counter(act for history in histories for act in +history)
    rare = {act: done[act] for act in {*ACTS, *extra} if done[act] * 5 < len(histories)}
    assert not rare, (rare, len(histories))
