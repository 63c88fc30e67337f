"""Two indexes less to touch when a tree is written: (community, kind) serves the first, and nobody
asks who was succeeded by whom.

The first is dropped by its name: Django would drop `one_root_per_community` too, a partial index of
the same column.
"""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("units", "0002_rules_of_the_tree")]

    operations = [
        migrations.RunSQL(
            "DROP INDEX units_place_community_id_24c511d6",
            "CREATE INDEX units_place_community_id_24c511d6 ON units_place (community_id)",
            state_operations=[
                migrations.AlterField(
                    model_name="place",
                    name="community",
                    field=models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="places",
                        to="units.community",
                        verbose_name="居民区",
                    ),
                ),
            ],
        ),
        migrations.AlterField(
            model_name="place",
            name="succeeded_by",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="predecessors",
                to="units.place",
                verbose_name="由谁接替",
            ),
        ),
    ]
