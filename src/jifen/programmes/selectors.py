"""Reads of the programmes room. All but the first three need an open scope."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final
from uuid import UUID

from jifen.common.scope import current, scope
from jifen.common.sql import statement
from jifen.programmes.models import (
    ApiClient,
    ApiClientStore,
    ApiKey,
    Merchant,
    Programme,
    RuleSet,
    RuleSetDraft,
    Staff,
    Store,
    Unit,
)
from jifen.programmes.rules.versions import ahead, in_force
from jifen.programmes.types import (
    Client,
    ClientInfo,
    DraftInfo,
    ExpiredKey,
    InvalidKey,
    NoRuleSet,
    ProgrammeInfo,
    RuleSetInfo,
    StoreInfo,
    Stores,
    UnitInfo,
    UnknownClient,
    UnknownDraft,
    UnknownProgramme,
    UnknownVersion,
    Version,
)

_SQL: Final = Path(__file__).parent / "sql"


def programmes() -> list[ProgrammeInfo]:
    """Every programme, by code."""
    return [_info(row) for row in Programme.objects.order_by("code")]


def programme_by_code(code: str) -> ProgrammeInfo:
    """The programme with this code, or :class:`UnknownProgramme`."""
    row = Programme.objects.filter(code=code).first()
    if row is None:
        raise UnknownProgramme(f"no programme has the code {code!r}", programme=code)
    return _info(row)


def authenticate(*, raw_key: str, at: datetime) -> Client:
    """Who holds this API key at ``at``. Raises :class:`InvalidKey` or :class:`ExpiredKey`."""
    digest = hashlib.sha256(raw_key.encode()).digest()
    key = ApiKey.objects.filter(key_sha256=digest, revoked_at=None).first()
    if key is None:
        raise InvalidKey("the API key is missing, unknown or revoked")
    if key.expires_at is not None and key.expires_at <= at:
        raise ExpiredKey("the API key has expired", expired_at=key.expires_at.isoformat())
    with scope(key.programme_id):
        row = ApiClient.objects.get(id=key.client_id)
        person = Staff.objects.filter(client_id=row.id).values_list("id", flat=True).first()
        return Client(
            programme_id=key.programme_id,
            client_id=row.id,
            name=row.name,
            rights=frozenset(row.rights),
            stores=stores_of([row.id]).get(row.id),
            backdate_days=row.backdate_days,
            expires_at=key.expires_at,
            staff_id=person,
        )


def programme() -> ProgrammeInfo:
    """The active programme."""
    return _info(Programme.objects.get(id=current()))


def stores() -> dict[str, StoreInfo]:
    """The programme's stores by code; the first one made is the default."""
    rows = Store.objects.order_by("id")
    return {row.code: StoreInfo(row.id, row.code, row.name, row.merchant_id) for row in rows}


def stores_of(clients: Collection[UUID]) -> dict[UUID, tuple[str, ...]]:
    """The stores that clients are limited to, the first one made first; who works in all of them
    is left out."""
    found: dict[UUID, tuple[str, ...]] = {}
    rows = ApiClientStore.objects.filter(client_id__in=list(clients)).order_by("store_id")
    for client_id, code in rows.values_list("client_id", "store__code"):
        found[client_id] = (*found.get(client_id, ()), code)
    return found


def store_ids(codes: Stores) -> list[UUID] | None:
    """The ids of these stores, as a filter; None is all."""
    if codes is None:
        return None
    return [store.id for store in stores().values() if store.code in codes]


def merchants() -> dict[str, UUID]:
    """The programme's merchants: code → id."""
    return dict(Merchant.objects.order_by("id").values_list("code", "id"))


def merchant_names() -> dict[str, str]:
    """What the programme's merchants are called: code → name, the first one made first."""
    return dict(Merchant.objects.order_by("id").values_list("code", "name"))


def units() -> dict[str, UnitInfo]:
    """The programme's units by code, in the order they were made."""
    rows = Unit.objects.order_by("id")
    return {
        row.code: UnitInfo(row.id, row.code, row.kind, row.name_zh, row.name_en) for row in rows
    }


def clients(*, at: datetime) -> list[ClientInfo]:
    """The programme's API clients in the order they were made."""
    open_keys = ApiKey.objects.filter(programme_id=current(), revoked_at=None).exclude(
        expires_at__lte=at
    )
    keys = Counter(open_keys.values_list("client_id", flat=True))
    rows = list(ApiClient.objects.order_by("id"))
    limits = stores_of([row.id for row in rows])
    return [
        ClientInfo(
            id=row.id,
            name=row.name,
            rights=tuple(row.rights),
            stores=limits.get(row.id),
            backdate_days=row.backdate_days,
            created_at=row.created_at,
            keys=keys[row.id],
        )
        for row in rows
    ]


def client(name: str, *, at: datetime) -> ClientInfo:
    """The API client with this name, or :class:`UnknownClient`."""
    for info in clients(at=at):
        if info.name == name:
            return info
    raise UnknownClient(f"no client is named {name!r}", client=name)


def versions() -> tuple[Version, ...]:
    """Every published version without its document, the newest first."""
    return tuple(Version(*row) for row in statement(_SQL, "versions").rows())


def version_at(at: datetime) -> int:
    """The version for what occurs at ``at``, or :class:`NoRuleSet`."""
    return version_of(versions(), at)


def version_of(known: Sequence[Version], at: datetime) -> int:
    """The one of ``known``, the newest first, for what occurs at ``at``, or :class:`NoRuleSet`."""
    found = in_force(known, at)
    if found is None:
        raise NoRuleSet("publish a rule set first")
    return found.version


def versions_from(at: datetime) -> tuple[Version, ...]:
    """The version in force at ``at``, and those that will be after it; none without any."""
    return ahead(versions(), at)


def rule_set(version: int) -> RuleSetInfo:
    """One published version, or :class:`UnknownVersion`."""
    row = RuleSet.objects.filter(version=version).first()
    if row is None:
        raise UnknownVersion(f"no rule set has version {version}", version=version)
    return RuleSetInfo(
        row.version,
        row.published_at,
        row.published_by,
        row.starts_at,
        document=row.document,
    )


def drafts() -> list[DraftInfo]:
    """Every draft, by name."""
    return [_draft(row) for row in RuleSetDraft.objects.order_by("name")]


def draft(name: str) -> DraftInfo:
    """One draft, or :class:`UnknownDraft`."""
    row = RuleSetDraft.objects.filter(name=name).first()
    if row is None:
        raise UnknownDraft(f"no draft is named {name!r}", draft=name)
    return _draft(row)


def _info(row: Programme) -> ProgrammeInfo:
    return ProgrammeInfo(
        id=row.id,
        code=row.code,
        name=row.name,
        time_zone=row.time_zone,
        currency=row.currency,
        opening_on=row.opening_on,
        claim_days=row.claim_days,
        approval_above=row.approval_above,
    )


def _draft(row: RuleSetDraft) -> DraftInfo:
    return DraftInfo(row.name, row.document, row.updated_at, row.updated_by)
