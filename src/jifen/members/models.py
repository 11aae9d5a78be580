"""Shape of members and the ways to recognise them."""

from __future__ import annotations

from django.db import models

from jifen.common.models import ProgrammeModel, belongs_to


class Member(ProgrammeModel):
    """A person enrolled in the programme. Its row is the lock of everything the member owns."""

    name = models.CharField(max_length=120, blank=True)
    birthday_on = models.DateField(null=True)
    store_id = models.UUIDField(null=True)
    store = belongs_to("programmes.Store", "store_id", optional=True)
    enrolled_at = models.DateTimeField()

    class Meta(ProgrammeModel.Meta):
        db_table = "member"


class Identity(ProgrammeModel):
    """One way to recognise a member."""

    class Kind(models.TextChoices):
        """The kinds a caller may name."""

        EXTERNAL = "external"
        PHONE = "phone"
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
                condition=models.Q(kind__in=["external", "phone", "card", "wechat"]),
                name="identity_kind_known",
            ),
        ]
        indexes = [models.Index(fields=["programme_id", "member_id"], name="identity_member")]
