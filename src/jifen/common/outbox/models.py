"""Shape of events, and of what became of each with each of its readers."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jifen.common.models import ProgrammeModel, ProgrammeRow, belongs_to


class Event(ProgrammeModel):
    """Something that happened. ``key`` is whose it is: events of one key stay in their order.
    ``payload`` is JSON, without personal data."""

    topic = models.CharField(max_length=40)
    key = models.UUIDField()
    payload = models.TextField()
    written_at = models.DateTimeField()

    class Meta(ProgrammeModel.Meta):
        db_table = "outbox"


class Delivery(ProgrammeRow):
    """One event on its way to one reader.

    ``next_at`` is when it is to be tried; while a worker holds it (``claim``), when it is anybody's
    again. ``tries`` counts those that were begun, so an event that kills its worker ends too.
    """

    class State(models.TextChoices):
        """How far it is."""

        WAITING = "waiting"
        DELIVERED = "delivered"
        GIVEN_UP = "given_up"

    pk = models.CompositePrimaryKey("programme_id", "event_id", "reader")
    event_id = models.UUIDField()
    event = belongs_to("outbox.Event", "event_id")
    reader = models.CharField(max_length=40)
    key = models.UUIDField()
    state = models.CharField(max_length=10, choices=State, default=State.WAITING)
    next_at = models.DateTimeField()
    claim = models.UUIDField(null=True)
    tries = models.IntegerField(default=0)
    reason = models.CharField(max_length=60, blank=True)
    done_at = models.DateTimeField(null=True)

    class Meta(ProgrammeRow.Meta):
        db_table = "outbox_delivery"
        constraints = [
            models.CheckConstraint(
                condition=(
                    Q(state="waiting", done_at__isnull=True)
                    | Q(state__in=["delivered", "given_up"], done_at__isnull=False)
                ),
                name="outbox_delivery_done_or_waiting",
            )
        ]
        indexes = [
            models.Index(
                fields=["programme_id", "reader", "next_at"],
                condition=Q(state="waiting"),
                name="outbox_delivery_next",
            ),
            models.Index(
                fields=["programme_id", "reader", "key", "event_id"],
                condition=Q(state="waiting"),
                name="outbox_delivery_order",
            ),
            models.Index(
                fields=["programme_id", "done_at"],
                condition=Q(done_at__isnull=False),
                name="outbox_delivery_done",
            ),
        ]
