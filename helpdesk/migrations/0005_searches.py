"""What staff type into the search field, until it has settled; and whose cases are whose."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('accounts', '0007_registers_anew'),
        ('helpdesk', '0004_counter_cases'),
        ('methods', '0010_ask_callers'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='Typing',
            fields=[
                ('staff', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='+', serialize=False, to=settings.AUTH_USER_MODEL)),
                ('text', models.CharField(blank=True, max_length=200)),
                ('found', models.PositiveIntegerField(default=0)),
                ('typed_at', models.DateTimeField()),
                ('circumstances', models.JSONField(default=dict)),
                ('began_at', models.DateTimeField()),
                ('times', models.PositiveIntegerField(default=0)),
            ],
        ),
        migrations.AddIndex(
            model_name='case',
            index=models.Index(models.F('owner'), models.OrderBy(models.F('opened_at'), descending=True), condition=models.Q(('owner__isnull', False)), name='case_of_staff'),
        ),
        migrations.AddIndex(
            model_name='typing',
            index=models.Index(models.F('typed_at'), condition=models.Q(('text', ''), _negated=True), name='typing_open'),
        ),
    ]
