"""On PostgreSQL events are kept by months, so that what is old enough can go as a whole.

The table there was becomes the first partition as it is, without a row being copied: old processes go on recording into the table of
the same name. A default partition takes whatever no month was made for. `id` alone is not unique any more by a constraint, which on a
partitioned table has to hold the time, too; it comes from one sequence.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

INDEXES = [
    "event_of_account", "event_by_actor", "event_by_name", "event_by_kind", "event_by_address", "event_by_case", "event_by_uid", "event_by_time",
]  # fmt: skip

TRIGGER = """CREATE OR REPLACE FUNCTION audit_event_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Retention: within a transaction that says so, and for the owner of the table alone, who could lift the trigger anyway.
    IF TG_OP = 'DELETE' AND current_setting('audit.retiring', true) = 'yes'
        AND pg_has_role(current_user, (SELECT relowner FROM pg_class WHERE oid = TG_RELID), 'USAGE') THEN
        RETURN NULL;
    END IF;
    RAISE EXCEPTION 'audit events are append-only';
END $$"""

# Made by beat with the rights of the owner; may make tables of empty months, and nothing else. It gives nobody a right to them: whoever
# may use the table of all events reaches them through it.
MONTHS = """CREATE FUNCTION audit_make_months(ahead integer) RETURNS integer LANGUAGE plpgsql SECURITY DEFINER AS $$
DECLARE
    begins timestamptz;
    name text;
    made integer := 0;
    grantee text;
BEGIN
    PERFORM pg_advisory_xact_lock(7306002);
    FOR step IN 0..least(ahead, 24) LOOP
        begins := (date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => step)) AT TIME ZONE 'UTC';
        name := to_char(begins AT TIME ZONE 'UTC', '"audit_event_"YYYY"_"MM');
        CONTINUE WHEN to_regclass(name) IS NOT NULL;
        BEGIN
            EXECUTE format('CREATE TABLE %I (LIKE audit_event INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS)', name);
            EXECUTE format('CREATE TRIGGER %I BEFORE UPDATE OR DELETE OR TRUNCATE ON %I FOR EACH STATEMENT
                EXECUTE FUNCTION audit_event_is_append_only()', name || '_append_only', name);
            FOR grantee IN SELECT DISTINCT a.grantee::regrole::text FROM pg_class c, aclexplode(c.relacl) a
                WHERE c.oid = to_regclass(name) AND a.grantee <> c.relowner AND a.grantee <> 0 LOOP
                EXECUTE format('REVOKE ALL ON %I FROM %s', name, grantee);
            END LOOP;
            EXECUTE format('REVOKE ALL ON %I FROM PUBLIC', name);
            EXECUTE format('ALTER TABLE audit_event ATTACH PARTITION %I FOR VALUES FROM (%L) TO (%L)', name, begins,
                (begins AT TIME ZONE 'UTC' + interval '1 month') AT TIME ZONE 'UTC');
            made := made + 1;
        EXCEPTION
            -- Another partition has this time already, the default one holds some of its events, or somebody reads for long.
            WHEN invalid_object_definition OR check_violation OR lock_not_available THEN NULL;
        END;
    END LOOP;
    RETURN made;
END $$"""

PARTITION = [
    "LOCK TABLE audit_event IN ACCESS EXCLUSIVE MODE",
    """DO $$ BEGIN
        EXECUTE format('CREATE SEQUENCE audit_event_number START %s',
            coalesce(pg_sequence_last_value(pg_get_serial_sequence('audit_event', 'id')::regclass), 0) + 1);
    END $$""",
    "ALTER TABLE audit_event ALTER id DROP IDENTITY",
    "ALTER TABLE audit_event DROP CONSTRAINT audit_event_pkey",
    "ALTER TABLE audit_event RENAME TO audit_event_before",
    "ALTER TRIGGER audit_event_append_only ON audit_event_before RENAME TO audit_event_before_append_only",
    *(f"ALTER INDEX {name} RENAME TO {name}_before" for name in INDEXES),
    """CREATE TABLE audit_event (LIKE audit_event_before INCLUDING DEFAULTS INCLUDING GENERATED INCLUDING CONSTRAINTS)
        PARTITION BY RANGE (at)""",
    "ALTER TABLE audit_event ALTER id SET DEFAULT nextval('audit_event_number')",
    "ALTER SEQUENCE audit_event_number OWNED BY audit_event.id",
    "ALTER TABLE audit_event ADD CONSTRAINT audit_event_pkey PRIMARY KEY (id, at)",
    "CREATE INDEX event_of_account ON audit_event (account_id, id DESC)",
    "CREATE INDEX event_by_actor ON audit_event (actor_id, id DESC)",
    "CREATE INDEX event_by_name ON audit_event (name, id DESC)",
    "CREATE INDEX event_by_kind ON audit_event (kind, id DESC) WHERE NOT (kind = '')",
    "CREATE INDEX event_by_address ON audit_event (address, id DESC)",
    """CREATE INDEX event_by_case ON audit_event ("case", id DESC) WHERE NOT ("case" = '')""",
    "CREATE INDEX event_by_uid ON audit_event (uid)",
    "CREATE INDEX event_by_time ON audit_event (at)",
    """CREATE TRIGGER audit_event_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event
        FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only()""",
    """DO $$ DECLARE was record; BEGIN
        FOR was IN SELECT a.grantee::regrole::text AS grantee, a.privilege_type FROM pg_class c, aclexplode(c.relacl) a
            WHERE c.oid = to_regclass('audit_event_before') AND a.grantee <> c.relowner AND a.grantee <> 0 LOOP
            EXECUTE format('GRANT %s ON audit_event TO %s', was.privilege_type, was.grantee);
            EXECUTE format('GRANT USAGE, SELECT ON SEQUENCE audit_event_number TO %s', was.grantee);
        END LOOP;
    END $$""",
    """DO $$ DECLARE ends timestamptz; BEGIN
        IF EXISTS (SELECT FROM audit_event_before) THEN
            SELECT (date_trunc('month', greatest(max(at), now()) AT TIME ZONE 'UTC') + interval '1 month') AT TIME ZONE 'UTC'
                INTO ends FROM audit_event_before;
            EXECUTE format('ALTER TABLE audit_event ATTACH PARTITION audit_event_before FOR VALUES FROM (MINVALUE) TO (%L)', ends);
        ELSE
            DROP TABLE audit_event_before;
        END IF;
    END $$""",
    "CREATE TABLE audit_event_other PARTITION OF audit_event DEFAULT",
    """CREATE TRIGGER audit_event_other_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_event_other
        FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only()""",
    "DO $$ BEGIN EXECUTE format('ALTER FUNCTION audit_make_months SET search_path = %I, pg_temp', current_schema()); END $$",
    "ALTER FUNCTION audit_make_months SET lock_timeout = '3s'",
    "SELECT audit_make_months(2)",
]


def divide(apps: object, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        with schema_editor.connection.cursor() as cursor:
            for statement in (TRIGGER, MONTHS, *PARTITION):
                cursor.execute(statement)




class Migration(migrations.Migration):
    dependencies = [("audit", "0008_retirement")]
    operations = [migrations.RunPython(divide)]
