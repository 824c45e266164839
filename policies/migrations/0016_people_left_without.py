from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0015_terminations_without_end'),
    ]

    operations = [
        migrations.AddField(
            model_name='policyversion',
            name='strands',
            field=models.PositiveIntegerField(db_default=0, default=0),
        ),
    ]
