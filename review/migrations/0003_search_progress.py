"""A search of the detectors can be stopped and resumed: how far it has come, and who is at it."""

import django.utils.timezone
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('review', '0002_exports'),
    ]

    operations = [
        migrations.AddField(
            model_name='search',
            name='attempt',
            field=models.PositiveIntegerField(default=1),
        ),
        migrations.AddField(
            model_name='search',
            name='done',
            field=models.JSONField(default=list),
        ),
        migrations.AddField(
            model_name='search',
            name='seen_at',
            field=models.DateTimeField(default=django.utils.timezone.now),
        ),
        migrations.AddField(
            model_name='search',
            name='stopped_at',
            field=models.DateTimeField(null=True),
        ),
    ]
