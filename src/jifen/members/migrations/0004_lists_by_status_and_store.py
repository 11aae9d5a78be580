"""Members are listed by status and by the store of their enrolment, in the order they were made."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("members", "0003_email_identities"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="member",
            index=models.Index(fields=["programme_id", "status", "id"], name="member_status"),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(fields=["programme_id", "store_id", "id"], name="member_store"),
        ),
    ]
