from django.db import migrations


class Migration(migrations.Migration):
    """Hours are counted in units_brake now. What is lost are counts of the running hour."""

    dependencies = [
        ("voices", "0002_accepted_in"),
    ]

    operations = [
        migrations.DeleteModel(name="Tally"),
    ]
