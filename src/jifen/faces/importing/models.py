"""Shape of imports that people start from a browser: the import, its file, its rejected lines."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from jifen.common.models import ProgrammeModel, ProgrammeRow, belongs_to

KINDS = ("members", "orders", "online_retail")
STATUSES = ("uploaded", "checking", "checked", "running", "done", "failed")


class Import(ProgrammeModel):
    """A file somebody uploaded, and how far it is.

    ``mapping`` names the file's column for ours, ``fixed`` what each line has in common. ``done``
    of ``total`` units of work (lines of members, orders) are in the books, or checked; ``counts``
    is what became of them, and ``reasons`` counts why lines were left out. ``stores`` (null is all)
    and ``earliest_at`` bound what it may book as they bound whoever started it. Until
    ``claimed_until`` a worker is at it, unless it was killed. ``mapped_by_id`` is the client that
    chose the columns; null where those that were proposed stand.
    """

    kind = models.CharField(max_length=14)
    name = models.CharField(max_length=200)
    encoding = models.CharField(max_length=10)
    lines = models.IntegerField()
    columns = models.JSONField()
    mapping = models.JSONField()
    fixed = models.JSONField()
    status = models.CharField(max_length=10, default="uploaded")
    done = models.IntegerField(default=0)
    total = models.IntegerField(default=0)
    counts = models.JSONField(default=dict)
    reasons = models.JSONField(default=dict)
    fault = models.CharField(max_length=60, blank=True)
    client_id = models.UUIDField()
    mapped_by_id = models.UUIDField(null=True)
    uploaded_by = models.CharField(max_length=120)
    uploaded_at = models.DateTimeField()
    stores = models.JSONField(null=True)
    earliest_at = models.DateTimeField(null=True)
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    removed_at = models.DateTimeField(null=True)
    claimed_until = models.DateTimeField(null=True)

    class Meta(ProgrammeModel.Meta):
        db_table = "import_run"
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=KINDS), name="import_run_kind_known"),
            models.CheckConstraint(
                condition=Q(status__in=STATUSES), name="import_run_status_known"
            ),
            models.CheckConstraint(
                condition=Q(done__gte=0, done__lte=models.F("total")), name="import_run_done_counts"
            ),
        ]
        indexes = [
            models.Index(
                fields=["programme_id", "id"],
                condition=Q(status__in=["checking", "running"]),
                name="import_run_open",
            ),
            models.Index(
                fields=["programme_id", "uploaded_at"],
                condition=Q(removed_at__isnull=True),
                name="import_run_kept",
            ),
        ]


class ImportFile(ProgrammeRow):
    """What was uploaded, as lines of UTF-8. It goes after some days, since it names people."""

    pk = models.CompositePrimaryKey("programme_id", "import_id")
    import_id = models.UUIDField()
    import_run = belongs_to("importing.Import", "import_id")
    content = models.BinaryField()

    class Meta(ProgrammeRow.Meta):
        db_table = "import_file"


class ImportReject(ProgrammeRow):
    """A line that is not booked, or would not be, and why."""

    pk = models.CompositePrimaryKey("programme_id", "import_id", "line")
    import_id = models.UUIDField()
    import_run = belongs_to("importing.Import", "import_id")
    line = models.IntegerField()
    reason = models.CharField(max_length=300)

    class Meta(ProgrammeRow.Meta):
        db_table = "import_reject"
