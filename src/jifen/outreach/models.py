"""Shape of notices, of announced clears, and of the runs over a programme's members."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jifen.common.models import ProgrammeModel, belongs_to


class Clearing(ProgrammeModel):
    """All points of a unit that were there by ``ends_at`` end then. ``days`` is JSON: how many days
    before it members get a notice. ``source`` says who announced it: rules or an operator."""

    class State(models.TextChoices):
        """How far it is."""

        ANNOUNCED = "announced"
        DONE = "done"
        CANCELLED = "cancelled"

    unit_id = models.UUIDField()
    unit = belongs_to("programmes.Unit", "unit_id")
    ends_on = models.DateField()
    ends_at = models.DateTimeField()
    days = models.CharField(max_length=200)
    is_required = models.BooleanField()
    source = models.CharField(max_length=8)
    state = models.CharField(max_length=9, choices=State, default=State.ANNOUNCED)
    announced_at = models.DateTimeField()
    announced_by = models.CharField(max_length=120)
    reason = models.CharField(max_length=500, blank=True)

    class Meta(ProgrammeModel.Meta):
        db_table = "clearing"
        constraints = [
            models.UniqueConstraint(
                fields=["programme_id", "unit_id", "ends_on"],
                condition=~Q(state="cancelled"),
                name="clearing_once_a_day",
            ),
            models.CheckConstraint(
                condition=Q(source__in=["rules", "operator"]), name="clearing_source_known"
            ),
        ]


class Notice(ProgrammeModel):
    """That a member is told until when points are good: ``points`` of one unit, to the end of the
    local day ``ends_on``, which is ``ends_at``.

    It is about what ends by itself after ``begins_at`` and up to ``covers_to``. One that comes late
    is about what should have ended before, and gives it a later day.
    """

    class State(models.TextChoices):
        """What became of it."""

        PLANNED = "planned"
        SENT = "sent"
        FAILED = "failed"

    member_id = models.UUIDField()
    member = belongs_to("members.Member", "member_id")
    account_id = models.UUIDField()
    account = belongs_to("ledger.Account", "account_id")
    unit_id = models.UUIDField()
    unit = belongs_to("programmes.Unit", "unit_id")
    clearing_id = models.UUIDField(null=True)
    clearing = belongs_to("outreach.Clearing", "clearing_id", optional=True)
    kind = models.CharField(max_length=6)
    ends_on = models.DateField()
    ends_at = models.DateTimeField()
    days_before = models.IntegerField()
    is_late = models.BooleanField()
    begins_at = models.DateTimeField()
    covers_to = models.DateTimeField()
    points = models.BigIntegerField()
    state = models.CharField(max_length=7, choices=State, default=State.PLANNED)
    channel = models.CharField(max_length=20, blank=True)
    reason = models.CharField(max_length=60, blank=True)
    planned_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)

    class Meta(ProgrammeModel.Meta):
        db_table = "notice"
        constraints = [
            models.UniqueConstraint(
                fields=[
                    *("programme_id", "member_id", "unit_id", "kind"),
                    *("ends_on", "days_before", "is_late", "clearing_id"),
                ],
                nulls_distinct=False,
                name="notice_once",
            ),
            models.CheckConstraint(
                condition=(
                    Q(kind="expiry", clearing_id__isnull=True)
                    | Q(kind="clear", clearing_id__isnull=False)
                ),
                name="notice_of_expiry_or_clear",
            ),
            models.CheckConstraint(
                condition=(
                    Q(state="planned", done_at__isnull=True)
                    | Q(state__in=["sent", "failed"], done_at__isnull=False)
                ),
                name="notice_done_or_planned",
            ),
            models.CheckConstraint(condition=Q(points__gt=0), name="notice_of_something"),
        ]
        indexes = [
            models.Index(fields=["programme_id", "member_id", "id"], name="notice_member"),
            models.Index(
                fields=["programme_id", "clearing_id", "member_id"],
                condition=Q(clearing_id__isnull=False),
                name="notice_clearing",
            ),
            models.Index(fields=["programme_id", "state", "id"], name="notice_state"),
        ]


class Run(ProgrammeModel):
    """One going over all members, in slices: an expiry, a clear, or the planning of notices.

    ``after`` is the account it has come to, written with each slice, so killed at any moment it
    goes on there. ``totals`` is JSON: what it closed, by unit. ``on_day`` is the local day whose
    notices it plans, or on which it began. ``untold`` is JSON: by unit, how many members and points
    were left because nobody told the member.
    """

    kind = models.CharField(max_length=7)
    unit_id = models.UUIDField(null=True)
    unit = belongs_to("programmes.Unit", "unit_id", optional=True)
    clearing_id = models.UUIDField(null=True)
    clearing = belongs_to("outreach.Clearing", "clearing_id", optional=True)
    on_day = models.DateField()
    started_at = models.DateTimeField()
    started_by = models.CharField(max_length=120)
    finished_at = models.DateTimeField(null=True)
    after = models.UUIDField(null=True)
    slices = models.IntegerField(default=0)
    passed_over = models.IntegerField(default=0)
    notices = models.IntegerField(default=0)
    totals = models.TextField(default="{}")
    untold = models.TextField(default="{}")

    class Meta(ProgrammeModel.Meta):
        db_table = "outreach_run"
        constraints = [
            models.UniqueConstraint(
                fields=["programme_id", "kind", "unit_id", "clearing_id"],
                condition=Q(finished_at__isnull=True),
                nulls_distinct=False,
                name="outreach_run_one_at_a_time",
            ),
            models.UniqueConstraint(
                fields=["programme_id", "unit_id", "clearing_id", "on_day"],
                condition=Q(kind="notices"),
                nulls_distinct=False,
                name="outreach_run_day_once",
            ),
            models.CheckConstraint(
                condition=(
                    Q(kind="expiry", unit_id__isnull=True, clearing_id__isnull=True)
                    | Q(kind="clear", unit_id__isnull=False, clearing_id__isnull=False)
                    | Q(kind="notices", unit_id__isnull=False)
                ),
                name="outreach_run_of_something",
            ),
        ]
        indexes = [models.Index(fields=["programme_id", "kind", "id"], name="outreach_run_kind")]
