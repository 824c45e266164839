from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ("policies", "0004_keys_and_app_passwords"),
    ]

    operations = [
        migrations.AddField(
            model_name="connectedsystem",
            name="caller_digest",
            field=models.CharField(blank=True, db_default="", default="", editable=False, max_length=64),
        ),
    ]
