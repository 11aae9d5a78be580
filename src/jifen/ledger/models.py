"""Shape of the ledger. A posting that opens a lot *is* that lot: they share their id."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jifen.common.models import ProgrammeModel, belongs_to


class Account(ProgrammeModel):
    """One member's holdings of one unit; read in one row. ``seq`` counts its postings."""

    member_id = models.UUIDField()
    member = belongs_to("members.Member", "member_id")
    unit_id = models.UUIDField()
    unit = belongs_to("programmes.Unit", "unit_id")
    available = models.BigIntegerField(default=0)
    pending = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    deficit = models.BigIntegerField(default=0)
    seq = models.IntegerField(default=0)

    class Meta(ProgrammeModel.Meta):
        db_table = "account"
        constraints = [
            models.UniqueConstraint(
                fields=["programme_id", "member_id", "unit_id"], name="account_once"
            ),
            models.CheckConstraint(
                condition=Q(available__gte=0, pending__gte=0, held__gte=0, deficit__gte=0),
                name="account_not_below_zero",
            ),
            models.CheckConstraint(
                condition=Q(deficit=0) | Q(available=0), name="account_pays_its_deficit_first"
            ),
        ]


class Transaction(ProgrammeModel):
    """One atomic ledger event. An activity's transaction has the activity's id."""

    kind = models.CharField(max_length=20)
    actor = models.CharField(max_length=120)
    reason = models.CharField(max_length=500, blank=True)
    reverses_id = models.UUIDField(null=True)
    occurred_at = models.DateTimeField()
    booked_at = models.DateTimeField()

    class Meta(ProgrammeModel.Meta):
        db_table = "ledger_transaction"


class Posting(ProgrammeModel):
    """One signed line. ``balance_after`` is available + pending + held − deficit.

    A positive posting of kind earn or adjust_up opens a lot and carries the lot's whole origin
    and expiry; a give back returns to lots that are already there.
    """

    class Kind(models.TextChoices):
        """The ledger movements. Each implies its contra account."""

        EARN = "earn"
        BURN = "burn"
        GIVE_BACK = "give_back"
        CLAWBACK = "clawback"
        EXPIRE = "expire"
        ADJUST_UP = "adjust_up"
        ADJUST_DOWN = "adjust_down"

    transaction_id = models.UUIDField()
    transaction = belongs_to("ledger.Transaction", "transaction_id")
    account_id = models.UUIDField()
    account = belongs_to("ledger.Account", "account_id")
    seq = models.IntegerField()
    kind = models.CharField(max_length=12, choices=Kind)
    contra = models.CharField(max_length=12)
    amount = models.BigIntegerField()
    balance_after = models.BigIntegerField()
    deficit_after = models.BigIntegerField()
    rule = models.CharField(max_length=60, blank=True)
    store_id = models.UUIDField(null=True)
    merchant_id = models.UUIDField(null=True)
    expires_at = models.DateTimeField(null=True)

    class Meta(ProgrammeModel.Meta):
        db_table = "posting"
        constraints = [
            models.UniqueConstraint(
                fields=["programme_id", "account_id", "seq"], name="posting_order"
            ),
            models.CheckConstraint(
                condition=(
                    Q(kind="earn", contra="issuance", amount__gt=0)
                    | Q(kind="clawback", contra="issuance", amount__lt=0)
                    | Q(kind="burn", contra="redemption", amount__lt=0)
                    | Q(kind="give_back", contra="redemption", amount__gt=0)
                    | Q(kind="expire", contra="breakage", amount__lt=0)
                    | Q(kind="adjust_up", contra="adjustment", amount__gt=0)
                    | Q(kind="adjust_down", contra="adjustment", amount__lt=0)
                ),
                name="posting_kind_contra_sign",
            ),
            models.CheckConstraint(
                condition=Q(deficit_after__gte=0), name="posting_deficit_not_below_zero"
            ),
        ]
        indexes = [
            models.Index(fields=["programme_id", "transaction_id"], name="posting_transaction")
        ]


class Lot(ProgrammeModel):
    """An open lot: what is left of the posting with the same id. Closed lots are not here."""

    account_id = models.UUIDField()
    account = belongs_to("ledger.Account", "account_id")
    seq = models.IntegerField()
    remaining = models.BigIntegerField()
    expires_at = models.DateTimeField(null=True)

    class Meta(ProgrammeModel.Meta):
        db_table = "lot"
        constraints = [
            models.CheckConstraint(condition=Q(remaining__gt=0), name="lot_open_or_gone"),
        ]
        indexes = [
            models.Index(fields=["programme_id", "account_id", "expires_at"], name="lot_account")
        ]


class DrawDown(ProgrammeModel):
    """What a posting took from a lot (positive) or gave back to it (negative).

    ``rank`` orders the draw-downs of one posting, so a refund knows which lot was taken last.
    """

    posting_id = models.UUIDField()
    posting = belongs_to("ledger.Posting", "posting_id")
    lot_id = models.UUIDField()
    lot_posting = belongs_to("ledger.Posting", "lot_id")
    rank = models.IntegerField()
    amount = models.BigIntegerField()

    class Meta(ProgrammeModel.Meta):
        db_table = "draw_down"
        constraints = [
            models.UniqueConstraint(
                fields=["programme_id", "posting_id", "rank"], name="draw_down_order"
            ),
            models.CheckConstraint(condition=~Q(amount=0), name="draw_down_moves_something"),
        ]
        indexes = [models.Index(fields=["programme_id", "lot_id"], name="draw_down_lot")]
