import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0018_outages'),
    ]

    operations = [
        migrations.AlterField(
            model_name='connectedsystem',
            name='window_minutes',
            field=models.FloatField(blank=True, null=True, validators=[django.core.validators.MinValueValidator(0), django.core.validators.MaxValueValidator(10080)]),
        ),
    ]
