"""What happened to methods of one kind: the two filters that otherwise would look at the most events."""

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0010_saved_view'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='event',
            index=models.Index(models.F('name'), models.F('kind'), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('kind', ''), _negated=True), name='event_by_name_kind'),
        ),
    ]
