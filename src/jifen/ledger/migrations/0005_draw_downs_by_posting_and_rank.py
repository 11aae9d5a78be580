"""A draw-down is known by its posting and its rank: an id of its own was an index for nobody."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("ledger", "0004_idle_accounts_and_notices"),
    ]

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunSQL(
                    "ALTER TABLE draw_down"
                    " DROP CONSTRAINT draw_down_pkey,"
                    " DROP CONSTRAINT draw_down_order,"
                    " DROP COLUMN id,"
                    " ADD PRIMARY KEY (programme_id, posting_id, rank)",
                    migrations.RunSQL.noop,
                ),
            ],
            state_operations=[
                migrations.RemoveConstraint(model_name="drawdown", name="draw_down_order"),
                migrations.AlterField(
                    model_name="drawdown",
                    name="pk",
                    field=models.CompositePrimaryKey("programme_id", "posting_id", "rank", blank=True, editable=False, primary_key=True, serialize=False),
                ),
                migrations.RemoveField(model_name="drawdown", name="id"),
            ],
        ),
    ]
