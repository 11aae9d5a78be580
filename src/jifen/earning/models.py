"""Shape of what happened, and of what the bounds have used."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jifen.common.models import ProgrammeModel, ProgrammeRow, belongs_to


class Activity(ProgrammeModel):
    """What happened outside, with what the rules made of it. Only ever inserted.

    ``body`` is the request as booked and ``body_sha256`` tells a repeat from a conflict;
    ``record`` holds the facts, the award and the answer (see ``earning.record``).
    Both are JSON in text columns: ``jsonb`` costs half as much again for the whole row, and
    nothing on the way of an order asks the database to look inside.
    ``once_key`` is set for what counts once, such as a member's check-in of one day; ``of_seq``
    numbers the acts on an earlier activity (refunds and the claim of a purchase, the answer to a
    transfer, a reversal, captures of a hold), so that two of them cannot both be decided on one
    state.
    """

    kind = models.CharField(max_length=20)
    client_id = models.UUIDField()
    key = models.CharField(max_length=200)
    body_sha256 = models.BinaryField(max_length=32)
    member_id = models.UUIDField(null=True)
    member = belongs_to("members.Member", "member_id", optional=True)
    store_id = models.UUIDField()
    reference = models.CharField(max_length=200, null=True)
    of_id = models.UUIDField(null=True)
    of = belongs_to("earning.Activity", "of_id", optional=True)
    of_seq = models.IntegerField(null=True)
    once_key = models.CharField(max_length=300, null=True)
    rule_set_version = models.IntegerField()
    occurred_at = models.DateTimeField()
    booked_at = models.DateTimeField()
    body = models.TextField()
    record = models.TextField()

    class Meta(ProgrammeModel.Meta):
        db_table = "activity"
        constraints = [
            models.UniqueConstraint(
                fields=["programme_id", "client_id", "key"], name="activity_key_once"
            ),
            models.UniqueConstraint(
                fields=["programme_id", "store_id", "kind", "reference"],
                condition=Q(reference__isnull=False),
                name="activity_reference_once",
            ),
            models.UniqueConstraint(
                fields=["programme_id", "once_key"],
                condition=Q(once_key__isnull=False),
                name="activity_once",
            ),
            models.UniqueConstraint(
                fields=["programme_id", "of_id", "of_seq"],
                condition=Q(of_seq__isnull=False),
                name="activity_family_order",
            ),
        ]
        indexes = [
            models.Index(fields=["programme_id", "member_id", "id"], name="activity_member"),
            models.Index(
                fields=["programme_id", "of_id", "id"],
                condition=Q(of_id__isnull=False),
                name="activity_of",
            ),
            # What happened in the last days, for segments. New rows arrive at its right edge.
            models.Index(
                fields=["programme_id", "occurred_at", "member_id"],
                condition=Q(
                    kind__in=["purchase", "refund", "claim", "behaviour"], member_id__isnull=False
                ),
                name="activity_window",
            ),
            # Top-ups and uses of passes by store and time, of which a shop keeps lists.
            models.Index(
                fields=["programme_id", "kind", "store_id", "occurred_at", "id"],
                condition=Q(kind__in=["top_up", "pass_use"]),
                name="activity_listed",
            ),
        ]


class CapUsage(ProgrammeRow):
    """What the awards of one member still keep under one cap in one period."""

    pk = models.CompositePrimaryKey("programme_id", "member_id", "cap", "period")
    member_id = models.UUIDField()
    member = belongs_to("members.Member", "member_id")
    cap = models.CharField(max_length=60)
    period = models.CharField(max_length=10)
    used = models.BigIntegerField()

    class Meta(ProgrammeRow.Meta):
        db_table = "cap_usage"
        constraints = [
            models.CheckConstraint(condition=Q(used__gte=0), name="cap_usage_not_below_zero")
        ]


class BudgetUsage(ProgrammeRow):
    """What the awards of the whole programme still keep under one rule's budget."""

    pk = models.CompositePrimaryKey("programme_id", "budget")
    budget = models.CharField(max_length=70)
    used = models.BigIntegerField()

    class Meta(ProgrammeRow.Meta):
        db_table = "budget_usage"
        constraints = [
            models.CheckConstraint(condition=Q(used__gte=0), name="budget_usage_not_below_zero")
        ]
