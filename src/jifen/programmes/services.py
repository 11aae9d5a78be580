"""Writes of the programmes room. Global tables are written in transactions of their own."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction

from jifen.common.errors import InvalidInput
from jifen.common.ids import new_id
from jifen.common.scope import current, scope
from jifen.programmes import selectors
from jifen.programmes.models import (
    ApiClient,
    ApiClientStore,
    ApiKey,
    Merchant,
    Programme,
    RuleSet,
    RuleSetDraft,
    Store,
    Unit,
)
from jifen.programmes.rules import versions
from jifen.programmes.types import (
    RIGHTS,
    Client,
    NotComing,
    ProgrammeExists,
    ProgrammeInfo,
    RulesAreComing,
    StartsTooEarly,
    Stores,
    UnknownRight,
    UnknownStore,
    Version,
)


def create_programme(
    *,
    code: str,
    name: str,
    time_zone: str,
    currency: str,
    opening_on: date,
    at: datetime,
    claim_days: int = 30,
) -> ProgrammeInfo:
    """Open a programme. Raises :class:`ProgrammeExists`, or ``InvalidInput`` for a bad zone."""
    zone_of(time_zone)
    row = Programme(
        id=new_id(),
        code=code,
        name=name,
        time_zone=time_zone,
        currency=currency,
        opening_on=opening_on,
        claim_days=claim_days,
        created_at=at,
    )
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError as error:
        raise ProgrammeExists(f"a programme {code!r} is there already", programme=code) from error
    with scope(row.id):
        return selectors.programme()


def zone_of(name: str) -> ZoneInfo:
    """The time zone of this name, or ``InvalidInput``."""
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError) as error:
        raise InvalidInput(f"unknown time zone {name!r}", time_zone=name) from error


def limit_people(*, approval_above: int | None) -> ProgrammeInfo:
    """From now on, no person alone gives or takes more points by hand; None is no limit."""
    Programme.objects.filter(id=current()).update(approval_above=approval_above)
    return selectors.programme()


def add_merchant(*, code: str, name: str) -> None:
    """Make sure a merchant with this code exists."""
    Merchant.objects.bulk_create([Merchant(code=code, name=name)], ignore_conflicts=True)


def add_store(*, code: str, name: str, merchant: str) -> None:
    """Make sure a store with this code exists, run by the merchant with that code."""
    owner = Merchant.objects.get(code=merchant)
    Store.objects.bulk_create(
        [Store(code=code, name=name, merchant_id=owner.id)], ignore_conflicts=True
    )


def add_unit(*, code: str, kind: str, name_zh: str, name_en: str) -> None:
    """Make sure a unit with this code exists."""
    row = Unit(code=code, kind=kind, name_zh=name_zh, name_en=name_en)
    Unit.objects.bulk_create([row], ignore_conflicts=True)


def create_client(
    *,
    name: str,
    rights: frozenset[str],
    at: datetime,
    stores: Collection[str] | None = None,
    backdate_days: int | None = None,
    expires_at: datetime | None = None,
) -> tuple[Client, str]:
    """A new API client and its key: 256 random bits, answered once and kept as SHA-256 only.

    Raises :class:`UnknownRight` or :class:`UnknownStore`; a name that is taken is
    ``InvalidInput``.
    """
    if rights - RIGHTS:
        unknown = sorted(rights - RIGHTS)
        raise UnknownRight(f"no such right: {', '.join(unknown)}", rights=unknown)
    row = ApiClient(name=name, rights=sorted(rights), backdate_days=backdate_days, created_at=at)
    try:
        with transaction.atomic():
            row.save(force_insert=True)
            limits = limit_client(client_id=row.id, stores=stores)
    except IntegrityError as error:
        raise InvalidInput(f"a client named {name!r} is there already", client=name) from error
    raw_key = add_key(client_id=row.id, expires_at=expires_at)
    return Client(current(), row.id, name, rights, limits, backdate_days), raw_key


def limit_client(*, client_id: UUID, stores: Collection[str] | None) -> Stores:
    """Let a client work in these stores only, or with None in all; answers them, the first one
    made first. Call it in a transaction. Raises :class:`UnknownStore`."""
    known = selectors.stores()
    for code in stores or ():
        if code not in known:
            raise UnknownStore(f"no store has the code {code!r}", store=code)
    if stores is not None and not stores:
        raise InvalidInput("name a store, or none at all for every one")
    ApiClientStore.objects.filter(client_id=client_id).delete()
    if stores is None:
        return None
    chosen = [store for store in known.values() if store.code in stores]
    ApiClientStore.objects.bulk_create(
        [ApiClientStore(client_id=client_id, store_id=store.id) for store in chosen]
    )
    return tuple(store.code for store in chosen)


def add_key(*, client_id: UUID, expires_at: datetime | None = None) -> str:
    """A further key of a client, so that one can be replaced without a gap."""
    raw_key = f"jf_{secrets.token_urlsafe(32)}"
    digest = hashlib.sha256(raw_key.encode()).digest()
    ApiKey.objects.create(
        key_sha256=digest, programme_id=current(), client_id=client_id, expires_at=expires_at
    )
    return raw_key


def internal_client(*, name: str, at: datetime) -> Client:
    """The client without a key under which a command books. Made on first use."""
    row = ApiClient(name=name, rights=[], created_at=at)
    ApiClient.objects.bulk_create([row], ignore_conflicts=True)
    found = ApiClient.objects.get(name=name)
    return Client(current(), found.id, name, frozenset(), None, None)


def revoke_keys(*, client_id: UUID, at: datetime, but: str = "") -> int:
    """Revoke every key of a client, ``but`` one; answers how many."""
    keys = ApiKey.objects.filter(programme_id=current(), client_id=client_id, revoked_at=None)
    keys = keys.exclude(key_sha256=hashlib.sha256(but.encode()).digest())
    return keys.update(revoked_at=at)


def save_draft(*, name: str, document: Mapping[str, Any], by: str, at: datetime) -> None:
    """Write a draft, replacing what it was."""
    row = RuleSetDraft(name=name, document=document, updated_by=by, updated_at=at)
    RuleSetDraft.objects.bulk_create(
        [row],
        update_conflicts=True,
        unique_fields=["programme_id", "name"],
        update_fields=["document", "updated_by", "updated_at"],
    )


def drop_draft(*, name: str) -> None:
    """Delete a draft."""
    selectors.draft(name)
    RuleSetDraft.objects.filter(name=name).delete()


def append_rule_set(
    *, document: Mapping[str, Any], by: str, at: datetime, starts_at: datetime | None = None
) -> int:
    """Append a version that is in force from ``starts_at`` on, without it from now on; answers its
    number.

    When the newest version has this document, and has begun by then, it is that one. Raises
    :class:`StartsTooEarly`, or :class:`RulesAreComing` when one that has not begun would be in
    force no more.
    """

    def wanted(known: tuple[Version, ...]) -> list[RuleSet]:
        begun = known and versions.start_of(known[0]) <= (starts_at or at)
        if begun and selectors.rule_set(known[0].version).document == document:
            return []
        if starts_at is not None and (not known or starts_at <= at):
            raise StartsTooEarly(
                "the first rules are in force at once, later ones from a time that is to come",
                starts_at=starts_at.isoformat(),
            )
        lost = [
            each.version
            for each in versions.coming(known, at)
            if starts_at is None or starts_at <= versions.start_of(each)
        ]
        if lost:
            raise RulesAreComing("withdraw the versions that have not begun", versions=lost)
        return [RuleSet(document=document, starts_at=starts_at)]

    return _append(wanted, by, at)


def withdraw_rule_set(*, version: int, by: str, at: datetime) -> int:
    """Let a version that has not begun never begin; answers the number of the one in force.

    Versions are never changed: what is in force is published again in its place, and after it
    what else is to come. Again it does nothing more. Raises :class:`UnknownVersion`, or
    :class:`NotComing` for one that has begun.
    """
    selectors.rule_set(version)

    def wanted(known: tuple[Version, ...]) -> list[RuleSet]:
        status = versions.statuses(known, at)[version]
        if status == "withdrawn":
            return []
        if status != "coming":
            raise NotComing("this version has begun", version=version, became=status)
        left = [each for each in versions.ahead(known, at) if each.version != version]
        return [
            RuleSet(document=selectors.rule_set(each.version).document, starts_at=each.starts_at)
            for each in left
        ]

    _append(wanted, by, at)
    return selectors.version_at(at)


def _append(wanted: Callable[[tuple[Version, ...]], list[RuleSet]], by: str, at: datetime) -> int:
    """Append the versions that are wanted, knowing all that are there; answers the newest one's
    number. Of two who append at once the unique key refuses one, which looks again."""
    while True:
        known = selectors.versions()
        rows = wanted(known)
        newest = known[0].version if known else 0
        for number, row in enumerate(rows, newest + 1):
            row.version, row.published_at, row.published_by = number, at, by
        try:
            with transaction.atomic():
                RuleSet.objects.bulk_create(rows)
        except IntegrityError:
            continue
        return newest + len(rows)


def lock_units() -> None:
    """Let nobody else guard units in this transaction's time; what books goes on."""
    list(Unit.objects.select_for_update(no_key=True).order_by("id"))


def guard_units(since: Mapping[str, datetime], *, at: datetime) -> None:
    """Let nothing of these units end without a notice that ends after the time they are given
    with, and lift it from all others. What is guarded by now stays so from when it was."""
    changed = []
    for row in Unit.objects.order_by("id"):
        before, after = row.guarded_from, since.get(row.code)
        if before is not None and after is not None and after <= at:
            after = min(before, after)
        if before != after:
            row.guarded_from = after
            changed.append(row)
    Unit.objects.bulk_update(changed, ["guarded_from"])
