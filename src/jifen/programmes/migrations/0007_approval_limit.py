"""Above how many points a person needs a second one."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("programmes", "0006_second_factor"),
    ]

    operations = [
        migrations.AddField(
            model_name="programme",
            name="approval_above",
            field=models.PositiveBigIntegerField(null=True),
        ),
        # Whoever had every right, and so also this one, keeps them all.
        migrations.RunSQL(
            "UPDATE api_client SET rights = rights || '[\"programme.write\"]'::jsonb"
            " FROM staff WHERE staff.programme_id = api_client.programme_id"
            " AND staff.client_id = api_client.id AND staff.role = 'owner'",
            migrations.RunSQL.noop,
        ),
    ]
