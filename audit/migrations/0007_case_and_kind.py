"""In which case, and of which kind of method; and what the auditors' filters need to be quick."""

import django.db.models.fields.json
import django.db.models.functions.comparison
import uuid
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

TRIGGERS = [
    """CREATE TRIGGER audit_event_no_update BEFORE UPDATE ON audit_event
       BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END""",
    """CREATE TRIGGER audit_event_no_delete BEFORE DELETE ON audit_event
       BEGIN SELECT RAISE(ABORT, 'audit events are append-only'); END""",
]


def guard_again(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """SQLite makes a new table for a new column, and the triggers went with the old one."""
    if schema_editor.connection.vendor == "sqlite":
        with schema_editor.connection.cursor() as cursor:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            present = {row[0] for row in cursor.fetchall()}
        for statement in TRIGGERS:
            if statement.split()[2] not in present:
                schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0006_event_tally'),
    ]

    operations = [
        migrations.AddField(
            model_name='event',
            name='case',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce(django.db.models.fields.json.KeyTextTransform('case', 'after'), models.Value(''), output_field=models.TextField()), output_field=models.TextField()),
        ),
        migrations.AddField(
            model_name='event',
            name='kind',
            field=models.GeneratedField(db_persist=True, expression=django.db.models.functions.comparison.Coalesce(django.db.models.fields.json.KeyTextTransform('kind', 'after'), django.db.models.fields.json.KeyTextTransform('kind', 'before'), models.Value(''), output_field=models.TextField()), output_field=models.TextField()),
        ),
        migrations.AlterField(
            model_name='event',
            name='uid',
            field=models.UUIDField(default=uuid.uuid4, editable=False),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(models.F('kind'), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('kind', ''), _negated=True), name='event_by_kind'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(models.F('address'), models.OrderBy(models.F('id'), descending=True), name='event_by_address'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(models.F('case'), models.OrderBy(models.F('id'), descending=True), condition=models.Q(('case', ''), _negated=True), name='event_by_case'),
        ),
        migrations.AddIndex(
            model_name='event',
            index=models.Index(models.F('uid'), name='event_by_uid'),
        ),
        migrations.RunPython(guard_again, guard_again),
    ]
