from typing import Any

from django.db import migrations, models


def this_site_takes_keys(apps: Any, schema_editor: Any) -> None:
    apps.get_model("policies", "ConnectedSystem").objects.filter(code="local").update(takes_security_keys=True)


class Migration(migrations.Migration):

    dependencies = [
        ("policies", "0003_terminations_end"),
    ]

    operations = [
        migrations.AddField(
            model_name="connectedsystem",
            name="takes_app_passwords",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="connectedsystem",
            name="takes_security_keys",
            field=models.BooleanField(default=False),
        ),
        migrations.RunPython(this_site_takes_keys, migrations.RunPython.noop),
    ]
