"""Shape of a programme: who runs it, where, in which units and under which rules."""

from __future__ import annotations

from django.db import models

from jifen.common.ids import new_id
from jifen.common.models import ProgrammeModel, ProgrammeRow, belongs_to


class Programme(models.Model):
    """One loyalty scheme. Global: it is looked up by code before any scope is open."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=120)
    time_zone = models.CharField(max_length=60)
    currency = models.CharField(max_length=3)
    opening_on = models.DateField()
    claim_days = models.PositiveIntegerField(default=30)
    approval_above = models.PositiveBigIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta:
        db_table = "programme"


class ApiKey(models.Model):
    """Where an API key leads. Only its SHA-256 is kept. Global, written on its own."""

    key_sha256 = models.BinaryField(primary_key=True, max_length=32)
    programme_id = models.UUIDField()
    client_id = models.UUIDField()
    expires_at = models.DateTimeField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        db_table = "api_key"


class Merchant(ProgrammeModel):
    """A legal entity taking part in the programme."""

    code = models.CharField(max_length=60)
    name = models.CharField(max_length=120)

    class Meta(ProgrammeModel.Meta):
        db_table = "merchant"
        constraints = [
            models.UniqueConstraint(fields=["programme_id", "code"], name="merchant_code_once")
        ]


class Store(ProgrammeModel):
    """An outlet of a merchant."""

    code = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    merchant_id = models.UUIDField()
    merchant = belongs_to("programmes.Merchant", "merchant_id")

    class Meta(ProgrammeModel.Meta):
        db_table = "store"
        constraints = [
            models.UniqueConstraint(fields=["programme_id", "code"], name="store_code_once")
        ]


class Unit(ProgrammeModel):
    """What an account counts. ``points`` are spent and expire, ``growth`` is never burned,
    ``stored`` is money that a member has topped up and ``bonus`` what was added to it (both in
    minor units), a ``pass`` counts services.

    What of it ends after ``guarded_from`` ends only when the member was told.
    """

    class Kind(models.TextChoices):
        """Which rules of the ledger apply to the unit."""

        POINTS = "points"
        GROWTH = "growth"
        STORED = "stored"
        BONUS = "bonus"
        COUNTED = "pass", "Pass"

    code = models.CharField(max_length=60)
    kind = models.CharField(max_length=12, choices=Kind)
    name_zh = models.CharField(max_length=60)
    name_en = models.CharField(max_length=60)
    guarded_from = models.DateTimeField(null=True)

    class Meta(ProgrammeModel.Meta):
        db_table = "unit"
        constraints = [
            models.UniqueConstraint(fields=["programme_id", "code"], name="unit_code_once"),
            models.CheckConstraint(
                condition=models.Q(kind__in=["points", "growth", "stored", "bonus", "pass"]),
                name="unit_kind_known",
            ),
        ]


class ApiClient(ProgrammeModel):
    """A machine that may call the API: its rights, its stores, how far back it may book."""

    name = models.CharField(max_length=120)
    rights = models.JSONField(default=list)
    backdate_days = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField()

    class Meta(ProgrammeModel.Meta):
        db_table = "api_client"
        constraints = [
            models.UniqueConstraint(fields=["programme_id", "name"], name="api_client_name_once")
        ]


class ApiClientStore(ProgrammeRow):
    """A store that a client is limited to. One without any such row works in all of them."""

    pk = models.CompositePrimaryKey("programme_id", "client_id", "store_id")
    client_id = models.UUIDField()
    client = belongs_to("programmes.ApiClient", "client_id")
    store_id = models.UUIDField()
    store = belongs_to("programmes.Store", "store_id")

    class Meta(ProgrammeRow.Meta):
        db_table = "api_client_store"


class RuleSetDraft(ProgrammeModel):
    """A rule set being written. Publishing copies it into :class:`RuleSet`."""

    name = models.CharField(max_length=120)
    document = models.JSONField()
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=120)

    class Meta(ProgrammeModel.Meta):
        db_table = "rule_set_draft"
        constraints = [
            models.UniqueConstraint(fields=["programme_id", "name"], name="rule_set_draft_once")
        ]


class RuleSet(ProgrammeModel):
    """A published version: immutable, since the application may only insert and read.

    It is for what occurs from ``starts_at`` on, or without one for whatever is booked once it is
    published, until a later version is. The first one has no start: something is always in force.
    """

    version = models.PositiveIntegerField()
    document = models.JSONField()
    starts_at = models.DateTimeField(null=True)
    published_at = models.DateTimeField()
    published_by = models.CharField(max_length=120)

    class Meta(ProgrammeModel.Meta):
        db_table = "rule_set"
        constraints = [
            models.UniqueConstraint(
                fields=["programme_id", "version"], name="rule_set_version_once"
            ),
            models.CheckConstraint(
                condition=models.Q(version__gt=1) | models.Q(starts_at=None),
                name="rule_set_first_at_once",
            ),
        ]


class StaffLogin(models.Model):
    """Where a login leads. Global: it is looked up before any scope is open."""

    login = models.CharField(primary_key=True, max_length=120)
    programme_id = models.UUIDField()
    staff_id = models.UUIDField()

    class Meta:
        db_table = "staff_login"


class SignInAttempt(models.Model):
    """Somebody tried to sign in. Global; neither the login nor the address is readable here."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    login_sha256 = models.BinaryField(max_length=32)
    address_sha256 = models.BinaryField(max_length=32)
    at = models.DateTimeField()
    failed = models.BooleanField(default=True)

    class Meta:
        db_table = "sign_in_attempt"
        indexes = [
            models.Index(fields=["login_sha256", "at"], name="sign_in_attempt_login"),
            models.Index(fields=["address_sha256", "at"], name="sign_in_attempt_address"),
        ]


class Staff(ProgrammeModel):
    """A person who works for the programme. Acts under an API client of their own, whose rights are
    those of the role; a session is a key of that client which ends."""

    login = models.CharField(max_length=120)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=12)
    password = models.CharField(max_length=200)
    client_id = models.UUIDField()
    client = belongs_to("programmes.ApiClient", "client_id")
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField()
    password_set_at = models.DateTimeField()

    class Meta(ProgrammeModel.Meta):
        db_table = "staff"
        constraints = [
            models.UniqueConstraint(fields=["programme_id", "login"], name="staff_login_once"),
            models.UniqueConstraint(fields=["programme_id", "client_id"], name="staff_client_once"),
            models.CheckConstraint(
                condition=models.Q(
                    role__in=["owner", "manager", "marketing", "finance", "clerk", "auditor"]
                ),
                name="staff_role_known",
            ),
        ]


class StaffFactor(ProgrammeRow):
    """The second factor of a person, on once it was confirmed. ``secret`` is sealed. ``last_step``
    is that of the last code that was used, so none is used twice."""

    pk = models.CompositePrimaryKey("programme_id", "staff_id")
    staff_id = models.UUIDField()
    staff = belongs_to("programmes.Staff", "staff_id")
    secret = models.CharField(max_length=200)
    begun_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    last_step = models.BigIntegerField(default=0)

    class Meta(ProgrammeRow.Meta):
        db_table = "staff_factor"


class StaffSpareCode(ProgrammeRow):
    """A recovery code of a person, by its SHA-256."""

    pk = models.CompositePrimaryKey("programme_id", "staff_id", "code_sha256")
    staff_id = models.UUIDField()
    staff = belongs_to("programmes.Staff", "staff_id")
    code_sha256 = models.BinaryField(max_length=32)
    used_at = models.DateTimeField(null=True)

    class Meta(ProgrammeRow.Meta):
        db_table = "staff_spare_code"


class StaffAct(ProgrammeModel):
    """What somebody of the staff did or tried: written before it is done, with its outcome after.

    ``subject`` is what the address names, ``before`` and ``after`` what was changed where that is
    no member's personal data. ``status`` is null where the server was stopped in between.
    """

    at = models.DateTimeField()
    staff_id = models.UUIDField(null=True)
    login = models.CharField(max_length=120)
    address = models.CharField(max_length=60)
    operation = models.CharField(max_length=120)
    subject = models.JSONField(default=dict)
    status = models.PositiveSmallIntegerField(null=True)
    code = models.CharField(max_length=60)
    before = models.JSONField(null=True)
    after = models.JSONField(null=True)

    class Meta(ProgrammeModel.Meta):
        db_table = "staff_act"
        indexes = [
            models.Index(fields=["programme_id", "staff_id", "id"], name="staff_act_staff"),
            models.Index(fields=["programme_id", "operation", "id"], name="staff_act_operation"),
        ]
