"""The State Council's schedule for 2026: weekdays off and weekend days worked."""

from datetime import date

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

OFF = {
    "元旦": ["01-01", "01-02"],
    "春节": ["02-16", "02-17", "02-18", "02-19", "02-20", "02-23"],
    "清明节": ["04-06"],
    "劳动节": ["05-01", "05-04", "05-05"],
    "端午节": ["06-19"],
    "中秋节": ["09-25"],
    "国庆节": ["10-01", "10-02", "10-05", "10-06", "10-07"],
}
WORKED = ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]


def seed(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    holiday = apps.get_model("reports", "Holiday")
    rows = [
        holiday(day=date.fromisoformat(f"2026-{day}"), is_workday=False, name=name)
        for name, days in OFF.items()
        for day in days
    ]
    rows += [
        holiday(day=date.fromisoformat(f"2026-{day}"), is_workday=True, name="调休上班")
        for day in WORKED
    ]
    holiday.objects.bulk_create(rows, ignore_conflicts=True)


def unseed(apps: Apps, _schema_editor: BaseDatabaseSchemaEditor) -> None:
    apps.get_model("reports", "Holiday").objects.filter(day__year=2026).delete()


class Migration(migrations.Migration):
    dependencies = [("reports", "0002_filings_are_insert_only")]

    operations = [migrations.RunPython(seed, unseed)]
