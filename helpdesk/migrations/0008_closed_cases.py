"""What was closed lately, for the board."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("helpdesk", "0007_work_on_lists")]
    operations = [
        migrations.AddIndex(
            model_name="case",
            index=models.Index(models.F("closed_at"), condition=models.Q(("closed_at__isnull", False)), name="case_closed"),
        ),
    ]
