"""What crosses the door of the programmes room."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, ClassVar, Final, Literal
from uuid import UUID

from msgspec import Struct

from jifen.common.errors import Conflict, InvalidInput, JifenError, NotFound

RIGHTS: Final = frozenset(
    {
        "activities.write",
        "activities.read",
        "programme.write",
        "members.write",
        "members.read",
        "members.phone",
        "members.freeze",
        "members.merge",
        "members.end",
        "segments.read",
        "segments.write",
        "balances.read",
        "export",
        "endings.read",
        "endings.write",
        "adjust",
        "transfer",
        "rules.read",
        "rules.write",
        "reports.read",
        "verify",
        "staff.read",
        "staff.write",
        "audit.read",
    }
)
"""Every right an API client may have."""


class ProgrammeInfo(Struct, frozen=True):
    """A programme's own settings. ``claim_days``: how long an anonymous purchase waits.
    ``approval_above``: the most points that one person gives or takes by hand; None is no limit."""

    id: UUID
    code: str
    name: str
    time_zone: str
    currency: str
    opening_on: date
    claim_days: int
    approval_above: int | None = None


class StoreInfo(Struct, frozen=True):
    """A store and the merchant that runs it."""

    id: UUID
    code: str
    name: str
    merchant_id: UUID


UnitKind = Literal["points", "growth", "stored", "bonus", "pass"]


class UnitInfo(Struct, frozen=True):
    """A unit; its ``kind`` is one of :data:`UnitKind`."""

    id: UUID
    code: str
    kind: str
    name_zh: str
    name_en: str


class Version(Struct, frozen=True):
    """A published version without its document. It is for what occurs from ``starts_at`` on,
    without one for all that is booked since it was published."""

    version: int
    published_at: datetime
    published_by: str
    starts_at: datetime | None = None


class RuleSetInfo(Version, frozen=True, kw_only=True):
    """A published version."""

    document: Mapping[str, Any]


class DraftInfo(Struct, frozen=True):
    """A rule set being written."""

    name: str
    document: Mapping[str, Any]
    updated_at: datetime
    updated_by: str


Stores = tuple[str, ...] | None
"""The codes of the only stores that somebody works in, the first one made first; None is all."""


class Client(Struct, frozen=True):
    """An authenticated API client. ``backdate_days`` of ``None`` allows up to the opening."""

    programme_id: UUID
    client_id: UUID
    name: str
    rights: frozenset[str]
    stores: Stores
    backdate_days: int | None
    expires_at: datetime | None = None
    """When the key that was shown stops opening."""
    staff_id: UUID | None = None
    """The person who acts under it; None for a machine."""

    @property
    def is_person(self) -> bool:
        """Whether somebody of the staff acts under it."""
        return self.staff_id is not None


class ClientInfo(Struct, frozen=True):
    """An API client as its programme lists it; ``keys`` counts those that still open."""

    id: UUID
    name: str
    rights: tuple[str, ...]
    stores: Stores
    backdate_days: int | None
    created_at: datetime
    keys: int


class StaffInfo(Struct, frozen=True):
    """A person of the staff; never a password. ``stores`` are the only ones they work in; null is
    every one."""

    id: UUID
    login: str
    name: str
    role: str
    is_active: bool
    created_at: datetime
    stores: Stores = None
    second_factor: bool = False


class StaffActInfo(Struct, frozen=True):
    """What somebody of the staff did. ``status`` and ``code`` are those of the answer."""

    id: UUID
    at: datetime
    login: str
    address: str
    operation: str
    subject: Mapping[str, Any]
    status: int | None
    code: str
    before: Any
    after: Any


class SignedIn(Struct, frozen=True):
    """An open session and its token, told once."""

    staff: StaffInfo
    token: str
    expires_at: datetime


class FactorSetUp(Struct, frozen=True):
    """A second factor that is being set up: its secret, and the address that holds it, for an
    authenticator to scan. Told once."""

    secret: str
    uri: str


class SecondFactorNeeded(JifenError):
    """The password is right; a code of the second factor is asked for, too."""

    code: ClassVar[str] = "second_factor_needed"


class WrongCode(JifenError):
    """The code is not the one of now, or it was used before."""

    code: ClassVar[str] = "wrong_code"


class FactorOn(Conflict):
    """The second factor is on already."""

    code: ClassVar[str] = "second_factor_on"


class FactorOff(Conflict):
    """There is no second factor, or none that is being set up."""

    code: ClassVar[str] = "second_factor_off"


class FactorUnreadable(Conflict):
    """The second factor was set up under another secret key of the server."""

    code: ClassVar[str] = "second_factor_unreadable"


class WrongLogin(JifenError):
    """The login or the password is wrong; which of them, nobody is told."""

    code: ClassVar[str] = "wrong_login"


class NewProgramme(Struct, frozen=True):
    """A programme to be set up, with the name of its first store. Nothing older than ``opening_on``
    can be booked; without it, it is the day of setting up."""

    code: str
    name: str
    time_zone: str
    currency: str
    store: str
    opening_on: date | None = None


class NewOwner(Struct, frozen=True):
    """The first owner of a programme to be set up."""

    login: str
    name: str
    password: str


class SetUpOff(JifenError):
    """This server has no set-up code, so nobody sets up a programme over HTTP."""

    code: ClassVar[str] = "set_up_off"


class WrongSetUpCode(JifenError):
    """It is not the set-up code of this server."""

    code: ClassVar[str] = "wrong_set_up_code"


class TooManyAttempts(JifenError):
    """Too many attempts to sign in failed; ``retry_at`` says when the next may be made."""

    code: ClassVar[str] = "too_many_attempts"


class WeakPassword(InvalidInput):
    """The password is too easy to guess; ``reasons`` say how."""

    code: ClassVar[str] = "weak_password"


class LoginTaken(Conflict):
    """Somebody has this login already."""

    code: ClassVar[str] = "login_taken"


class UnknownStaff(NotFound):
    """Nobody of the staff has this login or id."""

    code: ClassVar[str] = "unknown_staff"


class LastOwner(Conflict):
    """The programme would be left without an owner."""

    code: ClassVar[str] = "last_owner"


class OwnerEverywhere(InvalidInput):
    """An owner was to be limited to some stores."""

    code: ClassVar[str] = "owner_everywhere"


class UnknownClient(NotFound):
    """No API client of this programme has this name."""

    code: ClassVar[str] = "unknown_client"


class UnknownProgramme(NotFound):
    """No programme has this code."""

    code: ClassVar[str] = "unknown_programme"


class ProgrammeExists(Conflict):
    """The code is taken."""

    code: ClassVar[str] = "programme_exists"


class UnknownStore(NotFound):
    """No store of this programme has this code."""

    code: ClassVar[str] = "unknown_store"


class StoreExists(Conflict):
    """A store of this programme has this code."""

    code: ClassVar[str] = "store_exists"


class UnknownMerchant(NotFound):
    """No merchant of this programme has this code."""

    code: ClassVar[str] = "unknown_merchant"


class MerchantExists(Conflict):
    """A merchant of this programme has this code."""

    code: ClassVar[str] = "merchant_exists"


class UnitExists(Conflict):
    """A unit of this programme has this code."""

    code: ClassVar[str] = "unit_exists"


class UnknownUnit(NotFound):
    """No unit of this programme has this code."""

    code: ClassVar[str] = "unknown_unit"


class UnknownDraft(NotFound):
    """No draft has this name."""

    code: ClassVar[str] = "unknown_draft"


class UnknownVersion(NotFound):
    """No published version has this number."""

    code: ClassVar[str] = "unknown_version"


class StartsTooEarly(JifenError):
    """Rules were to start at a time that has passed, or before there are any."""

    code: ClassVar[str] = "starts_too_early"


class RulesAreComing(Conflict):
    """Published versions that have not begun would never begin: they are withdrawn first."""

    code: ClassVar[str] = "rules_are_coming"


class NotComing(Conflict):
    """Only a version that has not begun can be withdrawn."""

    code: ClassVar[str] = "not_coming"


class UnknownRight(JifenError):
    """A client was to get a right that does not exist."""

    code: ClassVar[str] = "unknown_right"


class NoRuleSet(Conflict):
    """Nothing has been published yet, so nothing can be decided."""

    code: ClassVar[str] = "no_rule_set"


class InvalidKey(JifenError):
    """The API key is missing, unknown or revoked."""

    code: ClassVar[str] = "invalid_key"


class ExpiredKey(JifenError):
    """The API key was valid until a time that has passed."""

    code: ClassVar[str] = "expired_key"
