"""Imports of head counts, and the one way in which a count goes again: with an undone import."""

import django.db.models.deletion
import uuid
from django.conf import settings
from django.db import migrations, models

COUNTS = """
CREATE FUNCTION refuse_to_change_counts() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' AND OLD.brought_by_id IS NOT NULL AND EXISTS (
        SELECT 1 FROM units_censusimport WHERE id = OLD.brought_by_id AND state = 'undone'
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION '% is insert only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
DROP TRIGGER insert_only ON units_householdcount;
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON units_householdcount
    FOR EACH ROW EXECUTE FUNCTION refuse_to_change_counts()
"""
COUNTS_BACK = """
DROP TRIGGER insert_only ON units_householdcount;
CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON units_householdcount
    FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history();
DROP FUNCTION refuse_to_change_counts()
"""


class Migration(migrations.Migration):

    dependencies = [
        ('units', '0007_search_words'),
    ]

    operations = [
        migrations.CreateModel(
            name='ColumnMemory',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('signature', models.CharField(max_length=64)),
                ('mapping', models.JSONField(default=dict, verbose_name='哪一列是什么')),
            ],
            options={
                'verbose_name': '记住的列',
                'verbose_name_plural': '记住的列',
            },
        ),
        migrations.AlterField(
            model_name='placechange',
            name='what',
            field=models.CharField(choices=[('planted', '建树'), ('added', '新建'), ('moved', '移动'), ('closed', '注销'), ('renamed', '改名'), ('counted', '登记人数'), ('uprooted', '撤销新建')], max_length=10, verbose_name='变动'),
        ),
        migrations.CreateModel(
            name='CensusImport',
            fields=[
                ('id', models.UUIDField(default=uuid.uuid4, editable=False, primary_key=True, serialize=False)),
                ('file_name', models.CharField(max_length=120, verbose_name='文件名')),
                ('state', models.CharField(choices=[('draft', '还没对好列'), ('checked', '核对中'), ('running', '正在导入'), ('stopped', '没有做完'), ('done', '已导入'), ('undone', '已撤销')], default='draft', max_length=8, verbose_name='状态')),
                ('as_of', models.DateField(verbose_name='截至日期')),
                ('made_at', models.DateTimeField(verbose_name='上传时间')),
                ('moved_at', models.DateTimeField(verbose_name='最近进展')),
                ('tables', models.JSONField(default=list, verbose_name='表格')),
                ('hidden', models.JSONField(default=list, verbose_name='没有读的隐藏表')),
                ('mapping', models.JSONField(default=dict, verbose_name='哪一列是什么')),
                ('fixes', models.JSONField(default=dict, verbose_name='当场改的')),
                ('opens_buildings', models.BooleanField(default=False, verbose_name='同时新建楼组')),
                ('tally', models.JSONField(default=dict, verbose_name='各有多少')),
                ('planted', models.JSONField(default=list, verbose_name='新建的单元')),
                ('stayed', models.JSONField(default=list, verbose_name='撤销后留下的')),
                ('done', models.PositiveIntegerField(default=0, verbose_name='做了几户')),
                ('total', models.PositiveIntegerField(default=0, verbose_name='共几户')),
                ('by', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='谁导入的')),
                ('community', models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name='census_imports', to='units.community', verbose_name='居民区')),
            ],
            options={
                'verbose_name': '底册导入',
                'verbose_name_plural': '底册导入',
                'ordering': ['-made_at'],
            },
        ),
        migrations.AddField(
            model_name='householdcount',
            name='brought_by',
            field=models.ForeignKey(db_index=False, null=True, on_delete=django.db.models.deletion.PROTECT, related_name='counts', to='units.censusimport', verbose_name='哪次导入'),
        ),
        migrations.AddIndex(
            model_name='householdcount',
            index=models.Index(condition=models.Q(('brought_by__isnull', False)), fields=['brought_by'], name='count_by_import'),
        ),
        migrations.AddField(
            model_name='columnmemory',
            name='user',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to=settings.AUTH_USER_MODEL, verbose_name='谁'),
        ),
        migrations.AddIndex(
            model_name='censusimport',
            index=models.Index(fields=['community', '-made_at'], name='import_by_community'),
        ),
        migrations.AddConstraint(
            model_name='censusimport',
            constraint=models.UniqueConstraint(condition=models.Q(('state', 'running')), fields=('community',), name='one_census_import_runs_at_a_time', violation_error_code='another_import_runs', violation_error_message='这个居民区正在导入另一张表，请等它做完'),
        ),
        migrations.AddConstraint(
            model_name='censusimport',
            constraint=models.CheckConstraint(condition=models.Q(('done__lte', models.F('total'))), name='a_census_import_does_no_more_than_all'),
        ),
        migrations.AddConstraint(
            model_name='columnmemory',
            constraint=models.UniqueConstraint(fields=('user', 'signature'), name='columns_are_remembered_once_a_person'),
        ),
        migrations.RunSQL(COUNTS, COUNTS_BACK),
    ]
