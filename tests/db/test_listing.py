"""The list of members: whoever fits and nobody else, once, in order, however its pages are cut."""

import itertools
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from tests.db.test_segments import EVERYBODY, LADDER, Town
from tests.people import freeze, leave, merge
from tests.world import RATE, World, rule_set

from jifen.audience import listing, services
from jifen.audience.listing import Filters
from jifen.audience.types import Condition
from jifen.common.errors import JifenError
from jifen.members import selectors as members
from jifen.members.types import ACTIVE, FROZEN
from jifen.programmes import selectors as programmes
from jifen.tiers import selectors as tiers
from jifen.tiers.models import Standing

SEGMENTS: dict[str, dict[str, Any]] = {
    "buyers": {"kind": "spend", "at_least_minor": 1, "days": 300},
    "tagged": {
        "kind": "all",
        "of": [{"kind": "tag", "any_of": ["茶", "vip"]}, {"kind": "orders", "at_least": 1}],
    },
    "here": {"kind": "store", "any_of": ["main", "other"]},
    "metal": {"kind": "tier", "any_of": ["gold", "silver"]},
    "none": {"kind": "tier", "any_of": [""]},
}
IN: dict[str, set[str]] = {
    "buyers": {"small", "large", "lapsed"},
    "tagged": {"small", "large"},
    "here": {"small", "large"},
    "metal": {"small", "large", "lapsed"},
    "none": {"new", "back", "visitor"},
}


class Place(Town):
    """The town, with members of every status, and segments."""

    def __init__(self) -> None:
        super().__init__()
        self.frozen, self.gone, self.part = self.person(), self.person(store="other"), self.person()
        self.order(self.frozen, 15_000, days=4)
        self.tag(self.frozen, "vip")
        freeze(self.world, self.frozen)
        self.world.booked(leave(self.world, self.gone))
        self.world.booked(merge(self.world, self.new, self.part))
        self.names = {getattr(self, name): name for name in (*EVERYBODY, "frozen", "gone", "part")}
        with self.world.scope():
            for code, condition in SEGMENTS.items():
                services.save_segment(
                    code=code,
                    name=code,
                    condition=msgspec.convert(condition, Condition),
                    by="t",
                    at=self.at,
                )

    def listed(self, filters: dict[str, Any], limit: int = 50) -> list[UUID]:
        """Everybody on the list, from all of its pages."""
        found: list[UUID] = []
        after: UUID | None = None
        with self.world.scope():
            for _ in range(1_000):
                page = listing.page(Filters(**filters), after=after, limit=limit, at=self.at)
                assert len(page.ids) <= limit
                found += page.ids
                after = page.after
                if after is None:
                    return found
        raise AssertionError("the list has no end")


@pytest.fixture(scope="module")
def place() -> Place:
    return Place()


def expected(place: Place, **filters: Any) -> list[UUID]:
    """The same by looking at each member alone."""
    with place.world.scope():
        infos = members.members_by_id(place.names)
        tier_of = tiers.tiers(list(place.names), at=place.at)
        stores = {store.id: code for code, store in programmes.stores().items()}
    statuses = {filters["status"]} if filters.get("status") else {ACTIVE, FROZEN}
    if not filters:
        statuses = {info.status for info in infos}
    if "segment" in filters:
        statuses &= {ACTIVE}
    return [
        info.id
        for info in infos
        if info.status in statuses
        and ("tag" not in filters or filters["tag"].lower() in info.tags)
        and ("tier" not in filters or tier_of.get(info.id, "") == filters["tier"])
        and ("store" not in filters or stores.get(info.store_id) == filters["store"])  # type: ignore[arg-type]
        and ("segment" not in filters or place.names[info.id] in IN[filters["segment"]])
    ]


CHOICES: dict[str, tuple[str, ...]] = {
    "status": ("active", "frozen", "left", "merged"),
    "tag": ("VIP", "茶"),
    "tier": ("silver", "gold"),
    "store": ("main", "other"),
    "segment": tuple(SEGMENTS),
}
COMBINED = [
    dict(zip(names, values, strict=True))
    for size in range(3)
    for names in itertools.combinations(CHOICES, size)
    for values in itertools.product(*(CHOICES[name] for name in names))
]


@pytest.mark.parametrize("filters", COMBINED, ids=lambda each: "-".join(each.values()) or "all")
def test_whoever_fits_is_listed_and_nobody_else(place: Place, filters: dict[str, str]) -> None:
    wanted = expected(place, **filters)
    assert place.listed(filters) == wanted
    assert place.listed(filters, limit=1) == wanted
    assert place.listed(filters, limit=2) == wanted


def test_some_of_these_choose_somebody(place: Place) -> None:
    """Otherwise the test above could not fail."""
    chosen = [bool(expected(place, **each)) for each in COMBINED]
    assert sum(chosen) > len(chosen) // 4
    for name, values in CHOICES.items():
        assert all(expected(place, **{name: value}) for value in values)


@pytest.mark.parametrize("filters", [{}, {"segment": "buyers"}, {"tag": "vip", "tier": "gold"}])
def test_a_page_looks_at_so_many_and_goes_on(
    place: Place, filters: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(listing, "MOST_LOOKED_AT", 2)
    with place.world.scope():
        first = listing.page(Filters(**filters), after=None, limit=50, at=place.at)  # type: ignore[arg-type]
    assert len(first.ids) <= 2
    assert place.listed(filters) == expected(place, **filters)


def test_a_tier_that_has_ended_is_found_before_it_is_booked() -> None:
    """The index has the tier booked last; the list has the one in force."""
    world = World(rule_set(RATE, ladder=LADDER))
    member, other = world.member(), world.member()
    ends = world.at + timedelta(days=1)
    with world.scope():
        Standing.objects.update_or_create(
            id=member,
            defaults={
                "tier": "gold",
                "tier_until": ends,
                "stages": f'[["gold","{ends.isoformat()}"],["silver",null]]',
            },
        )
        Standing.objects.update_or_create(id=other, defaults={"tier": "silver"})

    def having(tier: str, at: Any) -> list[UUID]:
        with world.scope():
            return listing.page(Filters(tier=tier), after=None, limit=9, at=at).ids

    assert (having("gold", world.at), having("silver", world.at)) == ([member], [other])
    assert (having("gold", ends), having("silver", ends)) == ([], [member, other])


@pytest.mark.parametrize(
    ("filters", "code"),
    [
        ({"tier": "platinum"}, "unknown_tier"),
        ({"store": "nowhere"}, "unknown_store"),
        ({"segment": "nobody"}, "unknown_segment"),
        ({"tag": " "}, "invalid_tag"),
    ],
)
def test_what_there_is_not_is_refused(place: Place, filters: dict[str, Any], code: str) -> None:
    with place.world.scope(), pytest.raises(JifenError) as error:
        listing.page(Filters(**filters), after=None, limit=9, at=place.at)
    assert error.value.code == code


def test_somebody_of_some_stores_is_not_told_who_enrolled_elsewhere(place: Place) -> None:
    with place.world.scope():
        mine = listing.page(
            Filters(store="main"), after=None, limit=9, at=place.at, stores=("main",)
        )
        assert mine.ids == expected(place, store="main")
        for filters, code in (
            (Filters(store="other"), "wrong_store"),
            (Filters(segment="here"), "unknown_segment"),
        ):
            with pytest.raises(JifenError) as error:
                listing.page(filters, after=None, limit=9, at=place.at, stores=("main",))
            assert error.value.code == code


def test_another_programme_has_none_of_them(place: Place) -> None:
    stranger = World(rule_set(RATE, ladder=LADDER))
    with stranger.scope():
        for filters in (
            Filters(),
            Filters(status="left"),
            Filters(tag="vip"),
            Filters(tier="gold"),
        ):
            assert listing.page(filters, after=None, limit=9, at=place.at) == ([], None)
