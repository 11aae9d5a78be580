"""Shape of exports: what somebody asked for, how far it is, and the file."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jifen.common.models import ProgrammeModel, ProgrammeRow, belongs_to

KINDS = ("members", "activities", "postings", "lots", "coupons")
FORMS = ("csv", "xlsx")
STATUSES = ("waiting", "running", "done", "failed", "cancelled")


class Export(ProgrammeModel):
    """A file that somebody asked for. It is never deleted: it is the record of what left.

    ``since`` and ``until`` are local days, half-open; ``stores`` are the codes of those it is of
    (null is all). ``needs`` are the rights that reading it takes, which having it takes, too.
    ``done`` of ``total`` rows are written; ``size_bytes`` and ``sha256`` are those of the file.
    ``tries`` counts the workers that began it: the last one has it, until ``claimed_until`` alone.
    """

    kind = models.CharField(max_length=12)
    form = models.CharField(max_length=4)
    since = models.DateField(null=True)
    until = models.DateField(null=True)
    stores = models.JSONField(null=True)
    whole_phones = models.BooleanField()
    needs = models.JSONField()
    status = models.CharField(max_length=10, default="waiting")
    tries = models.IntegerField(default=0)
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    size_bytes = models.BigIntegerField(null=True)
    sha256 = models.CharField(max_length=64, blank=True)
    fault = models.CharField(max_length=60, blank=True)
    client_id = models.UUIDField()
    asked_by = models.CharField(max_length=120)
    asked_at = models.DateTimeField()
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)

    class Meta(ProgrammeModel.Meta):
        db_table = "export_run"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="export_run_kind_known"),
            models.CheckConstraint(condition=Q(form__in=FORMS), name="export_run_form_known"),
            models.CheckConstraint(
                condition=Q(status__in=STATUSES), name="export_run_status_known"
            ),
            models.CheckConstraint(
                condition=Q(done__gte=0, done__lte=models.F("total")), name="export_run_done_counts"
            ),
            models.CheckConstraint(
                condition=Q(status="done", size_bytes__isnull=False, ended_at__isnull=False)
                & ~Q(sha256="")
                | ~Q(status="done") & Q(size_bytes__isnull=True, sha256=""),
                name="export_run_done_whole",
            ),
        ]
        indexes = [
            models.Index(
                fields=["programme_id", "id"],
                condition=Q(status__in=["waiting", "running"]),
                name="export_run_open",
            ),
            models.Index(
                fields=["programme_id", "ended_at"],
                condition=Q(status="done", removed_at__isnull=True),
                name="export_run_kept",
            ),
        ]


class ExportPart(ProgrammeRow):
    """A piece of the file, numbered from 0. All of them are written at once, and go after some
    days: they name people."""

    pk = models.CompositePrimaryKey("programme_id", "export_id", "number")
    export_id = models.UUIDField()
    export_run = belongs_to("exporting.Export", "export_id")
    number = models.IntegerField()
    content = models.BinaryField()

    class Meta(ProgrammeRow.Meta):
        db_table = "export_part"
