"""A year of events for benchmarks: accounts, staff, kinds, networks and cases as they come at a university, straight into the database."""

# ruff: noqa: S608  nothing comes from outside

from datetime import UTC, datetime

from django.db import connection
from django.utils import timezone

ACCOUNTS, STAFF = 60_000, 40
AGENT = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0.0.0 Safari/537.36"
COLUMNS = """uid, at, name, account_id, account_label, actor_id, actor_label, actor_kind, reason, "before", "after",
    verified_with, address, browser, request_id, attempt, session"""
# Out of 10,000 events, in the order of their thresholds; the last three are by staff, in a case.
NAMES = [
    (3000, "password:accepted"), (5200, "challenge:issued"), (7300, "challenge:passed"), (9500, "signin:succeeded"), (9800, "challenge:failed"),
    (9880, "password:refused"), (9920, "session:ended"), (9950, "method:registered"), (9960, "method:removed"), (9994, "account:viewed"),
    (9999, "access-pass:issued"), (10000, "methods:reset"),
]  # fmt: skip
DICE = "(n * 7919 + n / 10000 * 104729) % 10000"
PERSON = "(n * 48271 + n / 60000 * 7) % 60000"


def fill(count: int) -> None:
    """So many events, evenly over the year before now; on PostgreSQL in their months."""
    (_on_postgresql if connection.vendor == "postgresql" else _on_sqlite)(count)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE audit_event")


def _on_postgresql(count: int) -> None:
    for month in range(12, 0, -1):
        _make_month(month)
    name = " ".join(f"WHEN dice < {until} THEN '{name}'" for until, name in NAMES)
    step = 500_000
    with connection.cursor() as cursor:
        for begin in range(0, count, step):
            cursor.execute(
                f"""INSERT INTO audit_event ({COLUMNS})
                SELECT gen_random_uuid(), now() - ({count} - n) * (interval '365 days' / {count}), CASE {name} END,
                person, lpad(person::text, 10, '0'), CASE WHEN staff THEN 100000 + n % {STAFF} ELSE person END,
                CASE WHEN staff THEN lpad((100000 + n % {STAFF})::text, 10, '0') ELSE lpad(person::text, 10, '0') END,
                CASE WHEN staff THEN 'staff' ELSE 'self' END, CASE WHEN staff THEN 'Lost the phone' ELSE '' END, '{{}}',
                CASE WHEN dice > 9998 THEN jsonb_build_object('case', 'C-' || n / 20000, 'approved_by', lpad((100000 + n % 7)::text, 10, '0'))
                     WHEN staff THEN jsonb_build_object('case', 'C-' || n / 20000, 'path', '/helpdesk/')
                     WHEN dice BETWEEN 3000 AND 7299 OR dice BETWEEN 9500 AND 9799 OR dice BETWEEN 9920 AND 9959
                     THEN jsonb_build_object('kind', (ARRAY['totp','push','sms','voice','fido','email'])[1 + (n % 97) % 6], 'method', gen_random_uuid())
                     ELSE '{{}}' END,
                'totp', CASE WHEN n % 3 = 0 THEN '10.' || (person % 16) || '.' || (person / 16 % 256) || '.' || (n % 250)
                             ELSE (192 + person % 8) || '.0.' || (person / 8 % 256) || '.' || (n % 250) END::inet,
                '{AGENT}', gen_random_uuid()::text, gen_random_uuid()::text, gen_random_uuid()::text
                FROM (SELECT n, {DICE} AS dice, {PERSON} AS person, {DICE} >= 9960 AS staff
                      FROM generate_series({begin + 1}::bigint, {min(begin + step, count)}::bigint) n) s"""
            )


def _make_month(ago: int) -> None:
    now = timezone.now()
    index = now.year * 12 + now.month - 1 - ago
    begins, ends = (datetime(one // 12, one % 12 + 1, 1, tzinfo=UTC) for one in (index, index + 1))
    name = f"audit_event_{begins:%Y_%m}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {name} PARTITION OF audit_event FOR VALUES FROM ('{begins.isoformat()}') TO ('{ends.isoformat()}')")
        cursor.execute(
            f"""CREATE TRIGGER {name}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {name}
            FOR EACH STATEMENT EXECUTE FUNCTION audit_event_is_append_only()"""
        )


def _on_sqlite(count: int) -> None:
    name = " ".join(f"WHEN dice < {until} THEN '{name}'" for until, name in NAMES)
    random = "lower(hex(randomblob(16)))"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < {count}),
            rolled AS (SELECT n, {DICE} AS dice, {PERSON} AS person FROM numbers)
            INSERT INTO audit_event ({COLUMNS})
            SELECT {random}, strftime('%%Y-%%m-%%d %%H:%%M:%%S', 'now', '-' || (({count} - n) * 31536000 / {count}) || ' seconds') || '.123456',
            CASE {name} END, person, printf('%%010d', person), person, printf('%%010d', person), 'self', '', '{{}}',
            '{{"kind": "totp", "method": "' || {random} || '"}}', 'totp', '192.0.2.7', '{AGENT}', {random}, {random}, {random} FROM rolled""",
            [],
        )
