"""What says that events were removed under a rule; append-only, as seals are (R-181, R-189)."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

POSTGRESQL = [
    """CREATE FUNCTION audit_retirement_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'audit retirements are append-only'; END $$""",
    """CREATE TRIGGER audit_retirement_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_retirement
       FOR EACH STATEMENT EXECUTE FUNCTION audit_retirement_is_append_only()""",
]
SQLITE = [
    """CREATE TRIGGER audit_retirement_no_update BEFORE UPDATE ON audit_retirement
       BEGIN SELECT RAISE(ABORT, 'audit retirements are append-only'); END""",
    """CREATE TRIGGER audit_retirement_no_delete BEFORE DELETE ON audit_retirement
       BEGIN SELECT RAISE(ABORT, 'audit retirements are append-only'); END""",
]
UNDO = {
    "postgresql": ["DROP TRIGGER audit_retirement_append_only ON audit_retirement", "DROP FUNCTION audit_retirement_is_append_only()"],
    "sqlite": ["DROP TRIGGER audit_retirement_no_update", "DROP TRIGGER audit_retirement_no_delete"],
}


def add(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in {"postgresql": POSTGRESQL, "sqlite": SQLITE}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def remove(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('audit', '0007_case_and_kind'),
    ]

    operations = [
        migrations.CreateModel(
            name='Retirement',
            fields=[
                ('number', models.BigIntegerField(primary_key=True, serialize=False)),
                ('rule', models.CharField(max_length=100)),
                ('days', models.PositiveIntegerField()),
                ('older_than', models.DateTimeField()),
                ('first', models.BigIntegerField()),
                ('last', models.BigIntegerField()),
                ('count', models.BigIntegerField()),
                ('numbers', models.BinaryField()),
                ('digest', models.CharField(max_length=64)),
                ('previous', models.CharField(max_length=64)),
                ('retired_at', models.DateTimeField()),
                ('key', models.CharField(max_length=16)),
                ('signature', models.CharField(max_length=128)),
            ],
        ),
        migrations.RunPython(add, remove),
    ]
