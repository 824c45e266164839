"""Which events belong to the request or the sign-in whose code a caller reads out."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0012_approver")]
    operations = [
        migrations.AddIndex(
            model_name="event",
            index=models.Index(models.F("request_id"), condition=models.Q(("request_id", ""), _negated=True), name="event_by_request"),
        ),
        migrations.AddIndex(
            model_name="event",
            index=models.Index(models.F("attempt"), condition=models.Q(("attempt", ""), _negated=True), name="event_by_attempt"),
        ),
    ]
