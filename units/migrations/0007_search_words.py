"""The words places are found by, with trigrams; and an index for what a place was called before.

Trees that stand already get their words here, after all DDL, by the rules of today.
"""

import django.contrib.postgres.indexes
import django.db.models.deletion
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models

RENAMES = """
CREATE INDEX journal_of_renames ON units_journalentry ((data -> 'place'))
 WHERE verb = 'place.renamed'
"""
_PLACES = """
SELECT p.id, p.community_id, p.kind, p.name,
       CASE p.kind WHEN 3 THEN a.name WHEN 4 THEN b.name ELSE '' END
  FROM units_place p
  LEFT JOIN units_place a ON a.id = p.parent_id
  LEFT JOIN units_place b ON b.id = a.parent_id
"""


def write_words(apps, schema_editor):
    from units.search_keys import Named

    key = apps.get_model("units", "PlaceKey")
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_PLACES)
        rows = cursor.fetchall()
    keys = (
        key(place_id=row[0], community_id=row[1], kind=row[2], words=Named(*row).words)
        for row in rows
    )
    key.objects.bulk_create(keys, batch_size=2000)


class Migration(migrations.Migration):
    dependencies = [("units", '0006_steps_of_shape')]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name="PlaceKey",
            fields=[
                (
                    "place",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="key",
                        serialize=False,
                        to="units.place",
                    ),
                ),
                ("kind", models.PositiveSmallIntegerField()),
                ("words", models.TextField()),
                (
                    "community",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="units.community",
                    ),
                ),
            ],
            options={
                "verbose_name": "查找用词",
                "verbose_name_plural": "查找用词",
                "indexes": [
                    models.Index(fields=["community", "kind"], name="place_key_by_community"),
                    django.contrib.postgres.indexes.GinIndex(
                        django.contrib.postgres.indexes.OpClass("words", name="gin_trgm_ops"),
                        name="place_key_by_words",
                    ),
                ],
            },
        ),
        migrations.RunSQL(RENAMES, "DROP INDEX journal_of_renames"),
        migrations.RunPython(write_words, migrations.RunPython.noop),
    ]
