"""The one period that never ends, there from the start: no filing waits for its making."""

from datetime import date

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def seed(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("reports", "Period").objects.get_or_create(
        key="now",
        defaults={"kind": "now", "starts_on": date(2000, 1, 1), "ends_on": date.max},
    )


class Migration(migrations.Migration):
    dependencies = [("reports", "0003_holidays_of_2026")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
