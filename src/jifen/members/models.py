"""Shape of members, the ways to recognise them, and what was done to their own data."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import ExtractDay, ExtractMonth

from jifen.common.models import ProgrammeModel, ProgrammeRow, belongs_to
from jifen.members import types


class Member(ProgrammeModel):
    """A person enrolled in the programme. Its row is the lock of everything the member owns.

    A merged member is a part of another one: ``merged_into_id`` names whom, and what was its
    own stays readable under its id.
    """

    class Status(models.TextChoices):
        """What a member may do."""

        ACTIVE = types.ACTIVE
        FROZEN = types.FROZEN
        LEFT = types.LEFT
        ERASED = types.ERASED
        MERGED = types.MERGED

    name = models.CharField(max_length=120, blank=True)
    birthday_on = models.DateField(null=True)
    store_id = models.UUIDField(null=True)
    store = belongs_to("programmes.Store", "store_id", optional=True)
    enrolled_at = models.DateTimeField()
    status = models.CharField(max_length=8, choices=Status, default=Status.ACTIVE)
    merged_into_id = models.UUIDField(null=True)
    merged_into = belongs_to("members.Member", "merged_into_id", optional=True)

    class Meta(ProgrammeModel.Meta):
        db_table = "member"
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=list(types.STATUSES)),
                name="member_status_known",
            ),
            models.CheckConstraint(
                condition=(
                    Q(status=types.MERGED, merged_into_id__isnull=False)
                    | (~Q(status=types.MERGED) & Q(merged_into_id__isnull=True))
                ),
                name="member_merged_into_somebody",
            ),
            models.CheckConstraint(
                condition=Q(merged_into_id__isnull=True) | ~Q(merged_into_id=F("id")),
                name="member_not_merged_into_itself",
            ),
        ]
        indexes = [
            models.Index(
                fields=["programme_id", "merged_into_id"],
                condition=Q(merged_into_id__isnull=False),
                name="member_merged_into",
            ),
            models.Index(fields=["programme_id", "enrolled_at"], name="member_enrolled"),
            models.Index(fields=["programme_id", "status", "id"], name="member_status"),
            models.Index(fields=["programme_id", "store_id", "id"], name="member_store"),
            models.Index(
                F("programme_id"),
                ExtractMonth("birthday_on") * 100 + ExtractDay("birthday_on"),
                condition=Q(birthday_on__isnull=False),
                name="member_birthday",
            ),
        ]


class Identity(ProgrammeModel):
    """One way to recognise a member."""

    class Kind(models.TextChoices):
        """The kinds a caller may name."""

        EXTERNAL = "external"
        PHONE = "phone"
        EMAIL = "email"
        CARD = "card"
        WECHAT = "wechat"

    member_id = models.UUIDField()
    member = belongs_to("members.Member", "member_id")
    kind = models.CharField(max_length=12, choices=Kind)
    value = models.CharField(max_length=200)

    class Meta(ProgrammeModel.Meta):
        db_table = "identity"
        constraints = [
            models.UniqueConstraint(
                fields=["programme_id", "kind", "value"], name="identity_belongs_to_one_member"
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=["external", "phone", "email", "card", "wechat"]),
                name="identity_kind_known",
            ),
        ]
        indexes = [models.Index(fields=["programme_id", "member_id"], name="identity_member")]


class Tag(ProgrammeRow):
    """A word that staff put on a member."""

    pk = models.CompositePrimaryKey("programme_id", "member_id", "tag")
    member_id = models.UUIDField()
    member = belongs_to("members.Member", "member_id")
    tag = models.CharField(max_length=40)

    class Meta(ProgrammeRow.Meta):
        db_table = "member_tag"
        indexes = [models.Index(fields=["programme_id", "tag", "member_id"], name="member_tag_tag")]


class Merge(ProgrammeModel):
    """A merge of one member into another; its ``id`` is that of the activity.

    ``moved`` is JSON: which identity rows moved, which tags and fields the survivor gained, so
    that undoing takes back just these. It holds no personal data.
    """

    survivor_id = models.UUIDField()
    survivor = belongs_to("members.Member", "survivor_id")
    other_id = models.UUIDField()
    other = belongs_to("members.Member", "other_id")
    merged_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    acts_since = models.IntegerField(default=0)
    moved = models.TextField()

    class Meta(ProgrammeModel.Meta):
        db_table = "member_merge"
        constraints = [
            models.UniqueConstraint(
                fields=["programme_id", "other_id"],
                condition=Q(undone_at__isnull=True),
                name="member_merged_once",
            ),
            models.CheckConstraint(
                condition=Q(acts_since__gte=0), name="member_merge_acts_not_below_zero"
            ),
        ]
        indexes = [
            models.Index(fields=["programme_id", "survivor_id"], name="member_merge_survivor")
        ]


class Audit(ProgrammeModel):
    """Something that was done to a member's own data. Reasons go away when it is erased."""

    member_id = models.UUIDField()
    member = belongs_to("members.Member", "member_id")
    kind = models.CharField(max_length=12)
    actor = models.CharField(max_length=120)
    reason = models.CharField(max_length=500, blank=True)
    fields = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta(ProgrammeModel.Meta):
        db_table = "member_audit"
        indexes = [
            models.Index(fields=["programme_id", "member_id", "id"], name="member_audit_member")
        ]
