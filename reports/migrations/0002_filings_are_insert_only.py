"""A filing is never changed or deleted; the trigger function comes with units."""

from django.db import migrations


class Migration(migrations.Migration):
    dependencies = [("reports", "0001_reports"), ("units", "0002_rules_of_the_tree")]

    operations = [
        migrations.RunSQL(
            "CREATE TRIGGER insert_only BEFORE UPDATE OR DELETE ON reports_filing"
            " FOR EACH ROW EXECUTE FUNCTION refuse_to_change_history()",
            "DROP TRIGGER insert_only ON reports_filing",
        )
    ]
