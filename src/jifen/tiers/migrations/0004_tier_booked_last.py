"""Members are listed by the tier that was in force when their standing was written."""

from django.db import migrations, models
from django.db.models import F, Value
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, NullIf


class Migration(migrations.Migration):

    dependencies = [
        ("tiers", "0003_held_uses"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="standing",
            index=models.Index(
                F("programme_id"),
                Coalesce(
                    KeyTextTransform(
                        0,
                        KeyTransform(
                            0,
                            Cast(NullIf(F("stages"), Value("")), models.JSONField()),
                            output_field=models.JSONField(),
                        ),
                    ),
                    F("tier"),
                ),
                F("id"),
                name="standing_tier",
            ),
        ),
    ]
