from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('campaigns', '0002_last_day_moved'),
    ]

    operations = [
        migrations.AddField(
            model_name='campaign',
            name='moved_from',
            field=models.DateField(null=True),
        ),
        migrations.AddField(
            model_name='campaign',
            name='move_to',
            field=models.DateField(null=True),
        ),
        migrations.AlterField(
            model_name='campaign',
            name='wish',
            field=models.CharField(blank=True, choices=[('', 'None'), ('start', 'Start'), ('end', 'End'), ('move', 'Move')], default='', max_length=8),
        ),
    ]
