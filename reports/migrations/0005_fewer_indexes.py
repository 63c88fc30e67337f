"""Indexes that no query needs: another begins with the same column, or there are two values."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("reports", "0004_the_period_now")]

    operations = [
        migrations.AlterField(
            model_name="report",
            name="place",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="reports",
                to="units.place",
                verbose_name="地方",
            ),
        ),
        migrations.AlterField(
            model_name="report",
            name="form",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reports.reportform",
                verbose_name="表",
            ),
        ),
        migrations.AlterField(
            model_name="filing",
            name="report",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="filings",
                to="reports.report",
                verbose_name="报告",
            ),
        ),
        migrations.AlterField(
            model_name="filing",
            name="form_version",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="reports.formversion",
                verbose_name="表的版本",
            ),
        ),
    ]
