"""Rule sets become versions: checked against the programme, at once or from a time to come, and
withdrawn before they begin."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec
from django.db import transaction

from jifen.earning.context import Directory
from jifen.earning.groups import segments
from jifen.earning.rules.document import decode, encode
from jifen.members import selectors as members
from jifen.programmes import selectors as programmes
from jifen.programmes import services as programme_services


def publish(
    *, document: Mapping[str, Any], by: str, at: datetime, starts_at: datetime | None = None
) -> int:
    """Check a rule set against the programme and publish it; answers its version.

    It is for whatever is booked from now on, or for what occurs from ``starts_at`` on. The document
    in force published again keeps its version. From then on nothing ends without a notice of units
    for which the document says so. Raises ``invalid_rule_set``, ``invalid_tag``,
    ``starts_too_early`` or ``rules_are_coming``.
    """
    units = {code: unit.kind for code, unit in programmes.units().items()}
    with transaction.atomic():
        decoded = decode(
            document,
            units=units,
            merchants=programmes.merchants(),
            stores=programmes.stores(),
            segments=segments().kept(),
        )
        members.normalise_tags(tag for only in decoded.plan().only.values() for tag in only.tags)
        plain = msgspec.json.decode(encode(decoded))
        version = programme_services.append_rule_set(
            document=plain, by=by, at=at, starts_at=starts_at
        )
        settle_guards(at=at)
    return version


def withdraw(*, version: int, by: str, at: datetime) -> int:
    """Let a version that has not begun never begin; answers the one in force. Raises
    ``unknown_version`` or ``not_coming``."""
    with transaction.atomic():
        now = programme_services.withdraw_rule_set(version=version, by=by, at=at)
        settle_guards(at=at)
    return now


def settle_guards(*, at: datetime) -> None:
    """Let nothing end without a notice of units for which the rules in force say so, nor of those
    for which rules to come do, once they have begun."""
    with transaction.atomic():
        programme_services.lock_units()  # of two who settle, the later one sees all versions
        directory = Directory()
        since: dict[str, datetime] = {}
        for each in programmes.versions_from(at):
            for unit, notices in directory.policy_of(each.version).document.notices.items():
                if notices.required:
                    since.setdefault(unit, max(at, each.starts_at or at))
        programme_services.guard_units(since, at=at)
