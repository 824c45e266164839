"""The seal of a moment, by which the ids of a period are known."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("audit", "0013_request_and_attempt")]
    operations = [migrations.AddIndex(model_name="seal", index=models.Index(models.F("sealed_at"), name="seal_by_time"))]
