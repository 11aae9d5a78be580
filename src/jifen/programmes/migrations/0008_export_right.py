"""The right to take tables away, for those whose role has it."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [
        ("programmes", "0007_approval_limit"),
    ]

    operations = [
        migrations.RunSQL(
            "UPDATE api_client SET rights = rights || '[\"export\"]'::jsonb"
            " FROM staff WHERE staff.programme_id = api_client.programme_id"
            " AND staff.client_id = api_client.id"
            " AND staff.role IN ('owner', 'manager', 'finance')"
            " AND NOT api_client.rights ? 'export'",
            migrations.RunSQL.noop,
        ),
    ]
