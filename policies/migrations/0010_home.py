from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('policies', '0009_names_of_connected_systems'),
    ]

    operations = [
        migrations.CreateModel(
            name='Home',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('place', models.CharField(max_length=300)),
                ('instance', models.CharField(blank=True, max_length=64)),
                ('unsure_since', models.DateTimeField(null=True)),
                ('why', models.CharField(blank=True, max_length=16)),
                ('restore_point', models.DateTimeField(null=True)),
                ('missing', models.PositiveBigIntegerField(default=0)),
                ('confirmed_at', models.DateTimeField()),
                ('revision_floor', models.PositiveBigIntegerField(default=0)),
            ],
        ),
    ]
