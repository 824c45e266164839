"""The last digits of a number, by which staff find who has it."""

import phonenumbers
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps


def fill(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    devices = apps.get_model("phone", "PhoneDevice").objects
    batch = []
    for device in devices.only("pk", "number", "ending").iterator(chunk_size=1000):
        device.ending = phonenumbers.national_significant_number(device.number)[-4:]
        batch.append(device)
        if len(batch) == 1000:
            devices.bulk_update(batch, ["ending"])
            batch.clear()
    devices.bulk_update(batch, ["ending"])


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("phone", "0002_slots_and_ways")]
    operations = [
        migrations.AddField(
            model_name="phonedevice",
            name="ending",
            field=models.CharField(db_default="", default="", editable=False, max_length=4),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, atomic=True),
        migrations.AddIndex(
            model_name="phonedevice",
            index=models.Index(models.F("ending"), condition=models.Q(("confirmed", True)), name="phone_by_ending"),
        ),
    ]
