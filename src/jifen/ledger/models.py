"""Shape of the ledger. A posting that opens a lot *is* that lot: they share their id."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jifen.common.models import ProgrammeModel, ProgrammeRow, belongs_to


class Account(ProgrammeModel):
    """One member's holdings of one unit; read in one row. ``seq`` counts its postings.

    ``idle_at`` is when everything in it ends unless something is earned or spent before.
    """

    member_id = models.UUIDField()
    member = belongs_to("members.Member", "member_id")
    unit_id = models.UUIDField()
    unit = belongs_to("programmes.Unit", "unit_id")
    available = models.BigIntegerField(default=0)
    pending = models.BigIntegerField(default=0)
    held = models.BigIntegerField(default=0)
    deficit = models.BigIntegerField(default=0)
    seq = models.IntegerField(default=0)
    idle_at = models.DateTimeField(null=True)

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
                condition=Q(deficit=0) | Q(available=0, pending=0),
                name="account_pays_its_deficit_first",
            ),
        ]
        indexes = [
            models.Index(
                fields=["programme_id", "id"],
                condition=Q(idle_at__isnull=False),
                name="account_idle",
            )
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

    A posting of kind earn, adjust_up, transfer_in, undo_expiry or top_up opens a lot and carries
    the lot's whole origin, its expiry, and whether it is pending; a give back returns to lots that
    are already there, and has as ``expires_at`` their new date where days of grace gave them one.
    A transfer_in of a merge undone pays what it opened into the lot that it had been, at once, and
    its ``expires_at`` is that lot's from then on.
    A posting of kind hold is that hold, and has its end as ``expires_at``; a burn or release that
    takes from a hold names it in ``hold_id``.
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
        RIPEN = "ripen"
        HOLD = "hold"
        RELEASE = "release"
        TRANSFER_OUT = "transfer_out"
        TRANSFER_IN = "transfer_in"
        WAIVE = "waive"
        UNDO_EXPIRY = "undo_expiry"
        TOP_UP = "top_up"
        PAY_OUT = "pay_out"

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
    is_pending = models.BooleanField(default=False)
    ripens_at = models.DateTimeField(null=True)
    pending_after = models.BigIntegerField(default=0)
    held_after = models.BigIntegerField(default=0)
    hold_id = models.UUIDField(null=True)

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
                    | Q(kind="ripen", contra="issuance", amount=0)
                    | Q(kind__in=["hold", "release"], contra="redemption", amount=0)
                    | Q(kind="transfer_out", contra="transfer", amount__lt=0)
                    | Q(kind="transfer_in", contra="transfer", amount__gt=0)
                    | Q(kind="waive", contra="adjustment", amount__gt=0)
                    | Q(kind="undo_expiry", contra="breakage", amount__gt=0)
                    | Q(kind="top_up", contra="cash", amount__gt=0)
                    | Q(kind="pay_out", contra="cash", amount__lt=0)
                ),
                name="posting_kind_contra_sign",
            ),
            models.CheckConstraint(
                condition=Q(deficit_after__gte=0, pending_after__gte=0, held_after__gte=0),
                name="posting_not_below_zero",
            ),
            models.CheckConstraint(
                condition=(
                    Q(hold_id__isnull=False, kind__in=["burn", "release"])
                    | Q(~Q(kind="release"), hold_id__isnull=True)
                ),
                name="posting_names_a_hold",
            ),
        ]
        indexes = [
            models.Index(fields=["programme_id", "transaction_id"], name="posting_transaction")
        ]


class Lot(ProgrammeModel):
    """An open lot: what is left of the posting with the same id. Closed lots are not here.

    While it is pending it is not spendable before ``ripens_at``, or before an event without one;
    after that ``ripens_at`` says nothing any more.
    """

    account_id = models.UUIDField()
    account = belongs_to("ledger.Account", "account_id")
    seq = models.IntegerField()
    remaining = models.BigIntegerField()
    expires_at = models.DateTimeField(null=True)
    is_pending = models.BooleanField(default=False)
    ripens_at = models.DateTimeField(null=True)

    class Meta(ProgrammeModel.Meta):
        db_table = "lot"
        constraints = [
            models.CheckConstraint(condition=Q(remaining__gt=0), name="lot_open_or_gone"),
        ]
        indexes = [
            models.Index(fields=["programme_id", "account_id", "expires_at"], name="lot_account")
        ]


class LotNotice(ProgrammeRow):
    """That a member was told when something of an account ends. Where nothing ends without a
    notice, lots with this date (or the whole account, not being used) end at ``until``: that date,
    or a later one where the notice came late."""

    pk = models.CompositePrimaryKey("programme_id", "account_id", "expires_at")
    account_id = models.UUIDField()
    account = belongs_to("ledger.Account", "account_id")
    expires_at = models.DateTimeField()
    until = models.DateTimeField()

    class Meta(ProgrammeRow.Meta):
        db_table = "lot_notice"
        constraints = [
            models.CheckConstraint(
                condition=Q(until__gte=models.F("expires_at")), name="lot_notice_never_shortens"
            )
        ]


class Hold(ProgrammeModel):
    """An open hold: what is left of the posting with the same id. Ended holds are not here.

    Its lots are those of the posting's draw-downs, from the point numbered ``captured`` on, for
    ``remaining`` points: captures take from the front and releases from the back.
    """

    account_id = models.UUIDField()
    account = belongs_to("ledger.Account", "account_id")
    seq = models.IntegerField()
    captured = models.BigIntegerField()
    remaining = models.BigIntegerField()
    expires_at = models.DateTimeField(null=True)

    class Meta(ProgrammeModel.Meta):
        db_table = "hold"
        constraints = [
            models.CheckConstraint(
                condition=Q(remaining__gt=0, captured__gte=0), name="hold_open_or_gone"
            ),
        ]
        indexes = [models.Index(fields=["programme_id", "account_id"], name="hold_account")]


class DrawDown(ProgrammeRow):
    """What a posting took from a lot (positive) or gave back to it (negative).

    ``rank`` numbers the draw-downs of one posting, so a refund knows which lot was taken last.
    A ripened lot, a lot of a captured hold, and one that became another by a merge or by undoing
    an expiry has two in one posting, which add up to nothing: given back and taken. So what burns
    took from a lot is the sum of their positive draw-downs.
    """

    pk = models.CompositePrimaryKey("programme_id", "posting_id", "rank")
    posting_id = models.UUIDField()
    posting = belongs_to("ledger.Posting", "posting_id")
    lot_id = models.UUIDField()
    lot_posting = belongs_to("ledger.Posting", "lot_id")
    rank = models.IntegerField()
    amount = models.BigIntegerField()

    class Meta(ProgrammeRow.Meta):
        db_table = "draw_down"
        constraints = [
            models.CheckConstraint(condition=~Q(amount=0), name="draw_down_moves_something"),
        ]
        indexes = [models.Index(fields=["programme_id", "lot_id"], name="draw_down_lot")]
