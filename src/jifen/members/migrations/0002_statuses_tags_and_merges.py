"""Statuses, tags, merges, and a record of what was done to members" own data."""

import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.datetime
import jifen.common.ids
import jifen.common.models
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("members", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Audit",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("member_id", models.UUIDField()),
                ("kind", models.CharField(max_length=12)),
                ("actor", models.CharField(max_length=120)),
                ("reason", models.CharField(blank=True, max_length=500)),
                ("fields", models.CharField(blank=True, max_length=200)),
                ("at", models.DateTimeField()),
            ],
            options={
                "db_table": "member_audit",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Merge",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "id", blank=True, editable=False, primary_key=True, serialize=False)),
                ("id", models.UUIDField(default=jifen.common.ids.new_id, editable=False)),
                ("survivor_id", models.UUIDField()),
                ("other_id", models.UUIDField()),
                ("merged_at", models.DateTimeField()),
                ("undone_at", models.DateTimeField(null=True)),
                ("acts_since", models.IntegerField(default=0)),
                ("moved", models.TextField()),
            ],
            options={
                "db_table": "member_merge",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.CreateModel(
            name="Tag",
            fields=[
                ("programme_id", models.UUIDField(editable=False)),
                ("pk", models.CompositePrimaryKey("programme_id", "member_id", "tag", blank=True, editable=False, primary_key=True, serialize=False)),
                ("member_id", models.UUIDField()),
                ("tag", models.CharField(max_length=40)),
            ],
            options={
                "db_table": "member_tag",
                "abstract": False,
                "base_manager_name": "objects",
                "default_manager_name": "objects",
            },
        ),
        migrations.AddField(
            model_name="member",
            name="merged_into_id",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="member",
            name="merged_into",
            field=models.ForeignObject(from_fields=["programme_id", "merged_into_id"], null=True, on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="members.member", to_fields=["programme_id", "id"]),
        ),
        migrations.AddField(
            model_name="member",
            name="status",
            field=models.CharField(choices=[("active", "Active"), ("frozen", "Frozen"), ("left", "Left"), ("erased", "Erased"), ("merged", "Merged")], default="active", max_length=8),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(condition=models.Q(("merged_into_id__isnull", False)), fields=["programme_id", "merged_into_id"], name="member_merged_into"),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(fields=["programme_id", "enrolled_at"], name="member_enrolled"),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(models.F("programme_id"), django.db.models.expressions.CombinedExpression(django.db.models.expressions.CombinedExpression(django.db.models.functions.datetime.ExtractMonth("birthday_on"), "*", models.Value(100)), "+", django.db.models.functions.datetime.ExtractDay("birthday_on")), condition=models.Q(("birthday_on__isnull", False)), name="member_birthday"),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(condition=models.Q(("status__in", ["active", "frozen", "left", "erased", "merged"])), name="member_status_known"),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(condition=models.Q(models.Q(("merged_into_id__isnull", False), ("status", "merged")), models.Q(models.Q(("status", "merged"), _negated=True), ("merged_into_id__isnull", True)), _connector="OR"), name="member_merged_into_somebody"),
        ),
        migrations.AddConstraint(
            model_name="member",
            constraint=models.CheckConstraint(condition=models.Q(("merged_into_id__isnull", True), models.Q(("merged_into_id", models.F("id")), _negated=True), _connector="OR"), name="member_not_merged_into_itself"),
        ),
        migrations.AddField(
            model_name="audit",
            name="member",
            field=models.ForeignObject(from_fields=["programme_id", "member_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="members.member", to_fields=["programme_id", "id"]),
        ),
        migrations.AddField(
            model_name="merge",
            name="other",
            field=models.ForeignObject(from_fields=["programme_id", "other_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="members.member", to_fields=["programme_id", "id"]),
        ),
        migrations.AddField(
            model_name="merge",
            name="survivor",
            field=models.ForeignObject(from_fields=["programme_id", "survivor_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="members.member", to_fields=["programme_id", "id"]),
        ),
        migrations.AddField(
            model_name="tag",
            name="member",
            field=models.ForeignObject(from_fields=["programme_id", "member_id"], on_delete=django.db.models.deletion.DO_NOTHING, related_name="+", to="members.member", to_fields=["programme_id", "id"]),
        ),
        migrations.AddIndex(
            model_name="audit",
            index=models.Index(fields=["programme_id", "member_id", "id"], name="member_audit_member"),
        ),
        migrations.AddIndex(
            model_name="merge",
            index=models.Index(fields=["programme_id", "survivor_id"], name="member_merge_survivor"),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.UniqueConstraint(condition=models.Q(("undone_at__isnull", True)), fields=("programme_id", "other_id"), name="member_merged_once"),
        ),
        migrations.AddConstraint(
            model_name="merge",
            constraint=models.CheckConstraint(condition=models.Q(("acts_since__gte", 0)), name="member_merge_acts_not_below_zero"),
        ),
        migrations.AddIndex(
            model_name="tag",
            index=models.Index(fields=["programme_id", "tag", "member_id"], name="member_tag_tag"),
        ),
        jifen.common.models.AddProgrammeForeignKey("member", "merged_into_id", "member"),
        jifen.common.models.AddProgrammeForeignKey("member_tag", "member_id", "member"),
        jifen.common.models.AddProgrammeForeignKey("member_merge", "survivor_id", "member"),
        jifen.common.models.AddProgrammeForeignKey("member_merge", "other_id", "member"),
        jifen.common.models.AddProgrammeForeignKey("member_audit", "member_id", "member"),
    ]
