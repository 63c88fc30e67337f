"""No index of everybody's words: search reads those of the communities in reach.

Numbers that a name spells in 汉字 become words of the place, and of what lies in it, too.
"""

from django.db import migrations

_SPELT = """
SELECT p.id, p.community_id, p.kind, p.name,
       CASE p.kind WHEN 3 THEN a.name WHEN 4 THEN b.name ELSE '' END
  FROM units_place p
  LEFT JOIN units_place a ON a.id = p.parent_id
  LEFT JOIN units_place b ON b.id = a.parent_id
 WHERE concat(p.name, CASE p.kind WHEN 3 THEN a.name WHEN 4 THEN b.name END) ~ '[〇零一二三四五六七八九十百廿两幺]'
"""


def write_numbers(apps, schema_editor):
    from units.search_keys import Named

    key = apps.get_model("units", "PlaceKey")
    with schema_editor.connection.cursor() as cursor:
        cursor.execute(_SPELT)
        rows = cursor.fetchall()
    keys = [key(place_id=row[0], words=Named(*row).words) for row in rows]
    key.objects.bulk_update(keys, ["words"], batch_size=2000)


class Migration(migrations.Migration):
    dependencies = [("units", "0010_index_of_successors")]

    operations = [
        migrations.RemoveIndex(model_name="placekey", name="place_key_by_words"),
        migrations.RunPython(write_numbers, migrations.RunPython.noop),
    ]
