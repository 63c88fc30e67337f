"""Taking places out again asked every place of the house, once for each, whether it is succeeded by it:
three of four seconds for 3,125 places. Only places that have a successor are in this index, so that
writing in a tree touches it no more than before.
"""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("units", "0009_one_secretary_per_branch")]

    operations = [
        migrations.AddIndex(
            model_name="place",
            index=models.Index(
                condition=models.Q(("succeeded_by__isnull", False)),
                fields=["succeeded_by"],
                name="place_by_successor",
            ),
        ),
    ]
