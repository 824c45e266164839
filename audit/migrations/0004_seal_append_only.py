"""Triggers that refuse to change or remove seals (R-181)."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

POSTGRESQL = [
    """CREATE FUNCTION audit_seal_is_append_only() RETURNS trigger LANGUAGE plpgsql AS
       $$ BEGIN RAISE EXCEPTION 'audit seals are append-only'; END $$""",
    """CREATE TRIGGER audit_seal_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_seal
       FOR EACH STATEMENT EXECUTE FUNCTION audit_seal_is_append_only()""",
]
SQLITE = [
    """CREATE TRIGGER audit_seal_no_update BEFORE UPDATE ON audit_seal
       BEGIN SELECT RAISE(ABORT, 'audit seals are append-only'); END""",
    """CREATE TRIGGER audit_seal_no_delete BEFORE DELETE ON audit_seal
       BEGIN SELECT RAISE(ABORT, 'audit seals are append-only'); END""",
]
UNDO = {
    "postgresql": ["DROP TRIGGER audit_seal_append_only ON audit_seal", "DROP FUNCTION audit_seal_is_append_only()"],
    "sqlite": ["DROP TRIGGER audit_seal_no_update", "DROP TRIGGER audit_seal_no_delete"],
}


def add(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in {"postgresql": POSTGRESQL, "sqlite": SQLITE}[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


def remove(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for statement in UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("audit", "0003_seal")]
    operations = [migrations.RunPython(add, remove)]
