"""E-mail addresses recognise members too."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("members", "0002_statuses_tags_and_merges"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="identity",
            name="identity_kind_known",
        ),
        migrations.AlterField(
            model_name="identity",
            name="kind",
            field=models.CharField(choices=[("external", "External"), ("phone", "Phone"), ("email", "Email"), ("card", "Card"), ("wechat", "Wechat")], max_length=12),
        ),
        migrations.AddConstraint(
            model_name="identity",
            constraint=models.CheckConstraint(condition=models.Q(("kind__in", ["external", "phone", "email", "card", "wechat"])), name="identity_kind_known"),
        ),
    ]
