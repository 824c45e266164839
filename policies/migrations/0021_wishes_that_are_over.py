from typing import Any

from django.db import migrations, models
from django.utils import timezone

STATES = [("open", "Open"), ("taken-up", "Taken Up"), ("declined", "Declined"), ("taken-back", "Taken Back"), ("over", "Over")]


def end_stale_wishes(apps: Any, schema_editor: Any) -> None:
    """Wishes about MFA use that has ended by another way would wait for ever."""
    stale = apps.get_model("policies", "TerminationWish").objects.filter(state="open")
    stale.exclude(application__state__in=["applied", "in-effect"]).update(state="over", closed_at=timezone.now())


class Migration(migrations.Migration):
    dependencies = [("policies", "0020_comparisons")]

    operations = [
        migrations.AlterField(
            model_name="terminationwish", name="state", field=models.CharField(choices=STATES, default="open", max_length=16)
        ),
        migrations.RunPython(end_stale_wishes, migrations.RunPython.noop),
    ]
