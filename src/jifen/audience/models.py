"""Shape of segments, and of gifts to many."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jifen.common.models import ProgrammeModel, ProgrammeRow, belongs_to


class Segment(ProgrammeModel):
    """Members chosen by a condition, which is JSON as ``rules.conditions`` reads it."""

    code = models.CharField(max_length=60)
    name = models.CharField(max_length=120)
    condition = models.TextField()
    updated_at = models.DateTimeField()
    updated_by = models.CharField(max_length=120)

    class Meta(ProgrammeModel.Meta):
        db_table = "segment"
        constraints = [
            models.UniqueConstraint(fields=["programme_id", "code"], name="segment_code_once")
        ]


class GiftRun(ProgrammeModel):
    """A gift to many. ``condition`` is the question by which its members are chosen, as it was
    when the run was started; empty for a list. ``progress`` is JSON: how many members have which
    outcome by now; ``totals`` the same, counted once when nothing can change any more.

    ``key`` makes starting it idempotent for a client, ``body_sha256`` tells a repeat from a
    conflict.
    """

    class Status(models.TextChoices):
        """Where it stands. Members are chosen first, then given to."""

        CHOOSING = "choosing"
        GIVING = "giving"
        DONE = "done"
        CANCELLED = "cancelled"

    client_id = models.UUIDField()
    key = models.CharField(max_length=200)
    body_sha256 = models.BinaryField(max_length=32)
    store_id = models.UUIDField()
    store = belongs_to("programmes.Store", "store_id")
    unit_id = models.UUIDField()
    unit = belongs_to("programmes.Unit", "unit_id")
    points = models.BigIntegerField()
    reason = models.CharField(max_length=500)
    actor = models.CharField(max_length=120)
    expires_at = models.DateTimeField(null=True)
    kind = models.CharField(max_length=9)
    segment = models.CharField(max_length=60, blank=True)
    condition = models.TextField(blank=True)
    status = models.CharField(max_length=10, choices=Status)
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=120)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=120, blank=True)
    progress = models.TextField(default="{}")
    totals = models.TextField(blank=True)

    class Meta(ProgrammeModel.Meta):
        db_table = "gift_run"
        constraints = [
            models.UniqueConstraint(
                fields=["programme_id", "client_id", "key"], name="gift_run_key_once"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["choosing", "giving", "done", "cancelled"]),
                name="gift_run_status_known",
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["all", "members", "segment", "condition"]),
                name="gift_run_kind_known",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["choosing", "giving"], ended_at__isnull=True)
                | Q(status__in=["done", "cancelled"], ended_at__isnull=False),
                name="gift_run_ends_once",
            ),
            models.CheckConstraint(
                condition=Q(totals="") | Q(ended_at__isnull=False),
                name="gift_run_totals_at_the_end",
            ),
            models.CheckConstraint(condition=Q(points__gte=1), name="gift_run_gives_something"),
        ]
        indexes = [
            models.Index(
                fields=["programme_id", "id"], condition=Q(totals=""), name="gift_run_open"
            )
        ]


class GiftRunMember(ProgrammeRow):
    """A member who gets the gift of a run. ``outcome`` is empty until it was tried, then ``given``
    or the code of why not."""

    pk = models.CompositePrimaryKey("programme_id", "run_id", "member_id")
    run_id = models.UUIDField()
    run = belongs_to("audience.GiftRun", "run_id")
    member_id = models.UUIDField()
    member = belongs_to("members.Member", "member_id")
    outcome = models.CharField(max_length=60, blank=True)

    class Meta(ProgrammeRow.Meta):
        db_table = "gift_run_member"
        indexes = [
            models.Index(
                fields=["programme_id", "run_id", "member_id"],
                condition=Q(outcome=""),
                name="gift_run_member_waiting",
            ),
            models.Index(
                fields=["programme_id", "run_id", "member_id"],
                condition=~Q(outcome__in=["", "given"]),
                name="gift_run_member_refused",
            ),
        ]


class Approval(ProgrammeModel):
    """Something that a person asked for and another one has to confirm, under the key it came with.

    ``outcome_id`` is the activity or the gift run that it became.
    """

    class Kind(models.TextChoices):
        """What is asked for: one activity, or a gift to many."""

        ACTIVITY = "activity"
        GIFT_RUN = "gift_run"

    class Status(models.TextChoices):
        """Where it stands; what is pending after its time has lapsed. Who asked may withdraw it."""

        PENDING = "pending"
        CONFIRMED = "confirmed"
        REFUSED = "refused"
        WITHDRAWN = "withdrawn"

    kind = models.CharField(max_length=12, choices=Kind)
    client_id = models.UUIDField()
    client = belongs_to("programmes.ApiClient", "client_id")
    key = models.CharField(max_length=200)
    body = models.TextField()
    body_sha256 = models.BinaryField(max_length=32)
    store_id = models.UUIDField()
    store = belongs_to("programmes.Store", "store_id")
    member_id = models.UUIDField(null=True)
    member = belongs_to("members.Member", "member_id", optional=True)
    points = models.BigIntegerField()
    requested_at = models.DateTimeField()
    requested_by_id = models.UUIDField()
    requested_by = belongs_to("programmes.Staff", "requested_by_id")
    expires_at = models.DateTimeField()
    status = models.CharField(max_length=12, choices=Status)
    decided_at = models.DateTimeField(null=True)
    decided_by_id = models.UUIDField(null=True)
    decided_by = belongs_to("programmes.Staff", "decided_by_id", optional=True)
    reason = models.CharField(max_length=500, blank=True)
    outcome_id = models.UUIDField(null=True)

    class Meta(ProgrammeModel.Meta):
        db_table = "approval"
        constraints = [
            models.UniqueConstraint(
                fields=["programme_id", "client_id", "key"], name="approval_key_once"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["activity", "gift_run"]), name="approval_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(
                    status="pending",
                    decided_at__isnull=True,
                    decided_by_id__isnull=True,
                    outcome_id__isnull=True,
                )
                | Q(
                    status="confirmed",
                    decided_at__isnull=False,
                    decided_by_id__isnull=False,
                    outcome_id__isnull=False,
                )
                | Q(
                    status__in=["refused", "withdrawn"],
                    decided_at__isnull=False,
                    decided_by_id__isnull=False,
                    outcome_id__isnull=True,
                ),
                name="approval_decided_whole",
            ),
            models.CheckConstraint(
                condition=Q(decided_by_id__isnull=True)
                | Q(status="withdrawn", decided_by_id=models.F("requested_by_id"))
                | (~Q(status="withdrawn") & ~Q(decided_by_id=models.F("requested_by_id"))),
                name="approval_by_a_second_person",
            ),
        ]
        indexes = [
            models.Index(
                fields=["programme_id", "id"],
                condition=Q(status="pending"),
                name="approval_pending",
            )
        ]
