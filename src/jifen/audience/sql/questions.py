"""A condition as one statement: which members, right at a time, inside the active programme.

The text depends on the shape of the condition alone; every value in it is a parameter. What needs
many rows of a member (spend of the last days) is summed up once for all members and joined; all
else is asked of the member's own rows by their keys.

Indexes: the primary keys of member and standing; member_enrolled, member_birthday; the primary key
of member_tag; activity_window for what happened in the last days, or, asked about a few members,
activity_member and member_merged_into.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from jifen.audience.rules.conditions import (
    AllOf,
    AnyOf,
    ByBirthday,
    ByEnrolment,
    ByLastOrder,
    ByLastVisit,
    ByOrders,
    BySpend,
    ByStore,
    ByTag,
    ByTier,
    Condition,
    NotOf,
)
from jifen.audience.rules.days import month_days, upcoming
from jifen.members.selectors import normalise_tags
from jifen.members.types import ACTIVE

# A merged member's acts are its survivor's; the line of merges is followed to its end.
_MERGED: Final = """\
WITH RECURSIVE part AS (
    SELECT member.id, member.merged_into_id AS survivor_id
    FROM member
    WHERE member.programme_id = %(programme_id)s AND member.merged_into_id IS NOT NULL
    UNION
    SELECT part.id, member.merged_into_id
    FROM part
    INNER JOIN member ON member.programme_id = %(programme_id)s AND part.survivor_id = member.id
    WHERE member.merged_into_id IS NOT NULL
)
"""
# The same from a few members downwards: themselves, and those who became a part of them.
_PARTS: Final = """\
WITH RECURSIVE part AS (
    SELECT whose.id, whose.id AS survivor_id
    FROM unnest(%(among)s::uuid []) AS whose (id)
    UNION
    SELECT found.id, part.survivor_id
    FROM part
    CROSS JOIN LATERAL (
        SELECT member.id
        FROM member
        WHERE member.programme_id = %(programme_id)s AND member.merged_into_id = part.id
        OFFSET 0
    ) AS found
)
"""
_OF_ALL: Final = """\
FROM activity
    LEFT JOIN part ON activity.member_id = part.id
"""
# OFFSET keeps the planner at one look into the index for each, whatever it thinks of sizes.
_OF_SOME: Final = """\
FROM part
    CROSS JOIN LATERAL (
        SELECT activity.*
        FROM activity
        WHERE activity.programme_id = %(programme_id)s AND activity.member_id = part.id
        OFFSET 0
    ) AS activity
"""
_WINDOW: Final = """\
LEFT JOIN (
    SELECT
        coalesce(part.survivor_id, activity.member_id) AS member_id,
        sum(coalesce((activity.record::json ->> 'spend_minor')::bigint, 0)) AS spend_minor,
        sum(coalesce((activity.record::json ->> 'purchases_kept')::bigint, 0)) AS orders,
        bool_or(activity.kind IN ('purchase', 'claim')) AS ordered,
        bool_or(
            activity.kind IN ('purchase', 'claim')
            OR (activity.kind = 'behaviour' AND activity.body::json ->> 'name' = 'visit')
        ) AS visited
    {whose}    WHERE
        activity.programme_id = %(programme_id)s
        AND activity.kind IN ('purchase', 'refund', 'claim', 'behaviour')
        AND activity.member_id IS NOT NULL
        AND activity.occurred_at >= {since}{stores}
    GROUP BY 1
) AS {name} ON member.id = {name}.member_id
"""
_STANDING: Final = """\
LEFT JOIN standing ON standing.programme_id = %(programme_id)s AND member.id = standing.id{of_some}
"""
_AMONG: Final = "{column} = any(%(among)s::uuid [])"
# The tier in force: the first stage whose time is not over, as ``tiers.rules.stages.tier_of``.
_TIER: Final = """\
CASE WHEN coalesce(standing.stages, '') = '' THEN coalesce(standing.tier, '') ELSE coalesce((
    SELECT stage.tier_and_end ->> 0
    FROM json_array_elements(standing.stages::json) WITH ORDINALITY AS stage (tier_and_end, place)
    WHERE
        stage.tier_and_end ->> 1 IS NULL
        OR (stage.tier_and_end ->> 1)::timestamptz > {at}
    ORDER BY stage.place
    LIMIT 1
), standing.tier) END"""
_BORN: Final = "extract(MONTH FROM member.birthday_on) * 100 + extract(DAY FROM member.birthday_on)"
EVER: Final = datetime(1, 1, 2, tzinfo=UTC)


class Question(NamedTuple):
    """The part of a statement from ``FROM`` on, what stands before ``SELECT``, and the values."""

    before: str
    text: str
    params: Mapping[str, Any]


class Asker:
    """Turns one condition into one question, about all members or ``among`` some. ``stores`` are
    the programme's, by code; ``statuses`` whom it may hold of, who are active if nothing is said:
    nobody is in a segment who is frozen, has left or is a part of another member."""

    def __init__(
        self,
        *,
        at: datetime,
        zone: ZoneInfo,
        stores: Mapping[str, UUID],
        among: Collection[UUID] | None = None,
        statuses: Collection[str] = (ACTIVE,),
    ) -> None:
        self._at = at
        self._among = among
        self._statuses = sorted(statuses)
        self._zone = zone
        self._stores = stores
        self._params: dict[str, Any] = {}
        self._windows: dict[tuple[datetime, tuple[str, ...]], str] = {}
        self._joins: list[str] = []
        self._with_standing = False

    def question(self, condition: Condition) -> Question:
        """The question."""
        holds = self._holds(condition)
        # Said of each table, so that none is read as a whole, whatever the planner thinks of sizes.
        of_some = "" if self._among is None else " AND " + _AMONG.format(column="standing.id")
        standing = _STANDING.format(of_some=of_some) if self._with_standing else ""
        text = (
            f"FROM member\n{standing}{''.join(self._joins)}"
            "WHERE\n    member.programme_id = %(programme_id)s\n"
            f"    AND {self._status()}\n    AND {holds}\n"
        )
        if self._among is None:
            return Question(_MERGED if self._windows else "", text, self._params)
        some = f"{text}    AND {_AMONG.format(column='member.id')}\n"
        params = {**self._params, "among": list(self._among)}
        return Question(_PARTS if self._windows else "", some, params)

    def _status(self) -> str:
        if self._statuses == [ACTIVE]:
            return "member.status = 'active'"
        return f"member.status = any({self._param(self._statuses, 'text []')})"

    # --- the tree ------------------------------------------------------------------------------

    def _holds(self, condition: Condition) -> str:
        match condition:
            case AllOf(of=parts):
                return "(" + " AND ".join(map(self._holds, parts)) + ")"
            case AnyOf(of=parts):
                return "(" + " OR ".join(map(self._holds, parts)) + ")"
            case NotOf(of=part):
                return f"(NOT {self._holds(part)})"
            case BySpend() | ByOrders() | ByLastOrder() | ByLastVisit():
                return self._acted(condition)
            case _:
                return self._is(condition)

    def _acted(self, condition: BySpend | ByOrders | ByLastOrder | ByLastVisit) -> str:
        """What the member has done, in all or within the last days."""
        stores = tuple(sorted(set(condition.stores or ())))
        if condition.days is None and not stores:
            self._with_standing = True
            spend, orders = "standing.spend_minor", "standing.purchases_kept"
            name = ""
        else:
            since = EVER if condition.days is None else self._days_ago(condition.days)
            name = self._window(since, stores)
            spend, orders = f"{name}.spend_minor", f"{name}.orders"
        match condition:
            case BySpend(at_least_minor=low, below_minor=high):
                return self._between(spend, low, high)
            case ByOrders(at_least=low, below=high):
                return self._between(orders, low, high)
            case ByLastOrder():
                return f"coalesce({name}.ordered, FALSE)"
            case ByLastVisit():
                return f"coalesce({name}.visited, FALSE)"

    def _is(self, condition: Condition) -> str:
        """What is known of the member itself."""
        match condition:
            case ByTier(any_of=tiers):
                self._with_standing = True
                held = _TIER.format(at=self._param(self._at, "timestamptz"))
                return f"({held}) = any({self._param(list(tiers), 'text []')})"
            case ByTag(any_of=tags):
                named = self._param(sorted(normalise_tags(tags)), "text []")
                some = f" AND {_AMONG.format(column='member_tag.member_id')}"
                return (
                    "EXISTS (SELECT 1 FROM member_tag"
                    " WHERE member_tag.programme_id = %(programme_id)s"
                    " AND member_tag.member_id = member.id"
                    f" AND member_tag.tag = any({named}){'' if self._among is None else some})"
                )
            case ByStore(any_of=codes):
                ids = [self._stores[code] for code in codes]
                return f"coalesce(member.store_id = any({self._param(ids, 'uuid []')}), FALSE)"
            case ByBirthday():
                days = self._param(self._birthdays(condition), "numeric []")
                return f"(member.birthday_on IS NOT NULL AND {_BORN} = any({days}))"
            case ByEnrolment():
                return self._enrolled(condition)
        raise TypeError(f"not a condition: {condition!r}")

    def _enrolled(self, condition: ByEnrolment) -> str:
        since, until = condition.since, condition.until
        parts = []
        if condition.days is not None:
            since = self._today() - timedelta(days=condition.days)
        if since is not None:
            parts.append(f"member.enrolled_at >= {self._param(self._midnight(since), _TIME)}")
        if until is not None:
            parts.append(f"member.enrolled_at < {self._param(self._midnight(until), _TIME)}")
        return "(" + " AND ".join(parts) + ")"

    def _birthdays(self, condition: ByBirthday) -> list[int]:
        if condition.next_days is not None:
            return upcoming(self._today(), condition.next_days)
        return month_days(condition.first or "", condition.last or "", self._today())

    # --- pieces ----------------------------------------------------------------------------------

    def _window(self, since: datetime, stores: tuple[str, ...]) -> str:
        """The sums since a time, joined once for all conditions that ask for them."""
        name = self._windows.get((since, stores))
        if name is None:
            name = self._windows[since, stores] = f"window_{len(self._windows)}"
            places = ""
            if stores:
                ids = self._param([self._stores[code] for code in stores], "uuid []")
                places = f"\n        AND activity.store_id = any({ids})"
            self._joins.append(
                _WINDOW.format(
                    name=name,
                    since=self._param(since, _TIME),
                    stores=places,
                    whose=_OF_ALL if self._among is None else _OF_SOME,
                )
            )
        return name

    def _between(self, what: str, low: int | None, high: int | None) -> str:
        parts = []
        if low is not None:
            parts.append(f"coalesce({what}, 0) >= {self._param(low, 'bigint')}")
        if high is not None:
            parts.append(f"coalesce({what}, 0) < {self._param(high, 'bigint')}")
        return "(" + " AND ".join(parts) + ")"

    def _param(self, value: Any, kind: str) -> str:
        name = f"p{len(self._params)}"
        self._params[name] = value
        return f"%({name})s::{kind}"

    def _today(self) -> date:
        return self._at.astimezone(self._zone).date()

    def _days_ago(self, days: int) -> datetime:
        return self._midnight(self._today() - timedelta(days=days))

    def _midnight(self, day: date) -> datetime:
        return datetime.combine(day, time.min, self._zone)


_TIME: Final = "timestamptz"
