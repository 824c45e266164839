from typing import Any

from django.db import migrations, models
from django.db.models import F


def lists_asked_for(apps: Any, _schema_editor: Any) -> None:
    """What is no preview any more was asked for; when exactly nobody kept."""
    apps.get_model("helpdesk", "BulkJob").objects.exclude(state="preview").update(asked_at=F("made_at"))


class Migration(migrations.Migration):
    dependencies = [
        ("helpdesk", "0009_case_of_a_system"),
    ]

    operations = [
        migrations.AddField(
            model_name="bulkjob",
            name="asked_at",
            field=models.DateTimeField(null=True),
        ),
        migrations.RunPython(lists_asked_for, migrations.RunPython.noop, elidable=True),
        migrations.AlterField(
            model_name="approval",
            name="state",
            field=models.CharField(
                choices=[
                    ("requested", "Requested"),
                    ("waiting", "Waiting"),
                    ("done", "Done"),
                    ("refused", "Refused"),
                    ("stopped", "Stopped"),
                    ("dropped", "Dropped"),
                    ("failed", "Failed"),
                ],
                default="requested",
                max_length=16,
            ),
        ),
        migrations.AddIndex(
            model_name="approval",
            index=models.Index(models.F("decided_at"), condition=models.Q(("state", "failed")), name="approval_failed"),
        ),
        migrations.AddIndex(
            model_name="bulkrow",
            index=models.Index(models.F("done_at"), condition=models.Q(("why", "broke-off")), name="bulk_rows_broken_off"),
        ),
    ]
