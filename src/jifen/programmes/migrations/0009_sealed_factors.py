"""Secrets of second factors are sealed with the server's secret key."""

from django.db import migrations, models

from jifen.common import sealing


def seal_all(apps, schema_editor):
    _change_all(apps, schema_editor.connection.alias, sealing.seal)


def unseal_all(apps, schema_editor):
    _change_all(apps, schema_editor.connection.alias, sealing.unseal)


def _change_all(apps, alias, change):
    rows = apps.get_model("programmes", "StaffFactor").objects.using(alias)
    for programme_id, staff_id, secret in list(
        rows.values_list("programme_id", "staff_id", "secret")
    ):
        changed = change(secret, purpose=f"second factor of {staff_id}")
        rows.filter(programme_id=programme_id, staff_id=staff_id).update(secret=changed)


class Migration(migrations.Migration):

    dependencies = [
        ("programmes", "0008_export_right"),
    ]

    operations = [
        migrations.AlterField(
            model_name="stafffactor",
            name="secret",
            field=models.CharField(max_length=200),
        ),
        migrations.RunPython(seal_all, unseal_all),
    ]
