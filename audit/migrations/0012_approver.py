"""Who approved it: an index for the filter, beside which nothing is rewritten."""

import django.db.models.fields.json
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0011_name_and_kind'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='event',
            index=models.Index(django.db.models.fields.json.KeyTextTransform('approved_by', 'after'), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('after__has_key', 'approved_by')), name='event_by_approver'),
        ),
    ]
