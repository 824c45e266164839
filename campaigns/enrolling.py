"""Entering whom a campaign asks, and telling the door: portion by portion, so that no sign-in waits, and again whenever somebody joins."""

import time
from collections.abc import Sequence
from math import inf

from django.db import connection, transaction

from accounts.models import Account
from campaigns.counting import excused, meant_by, methods_counted
from campaigns.models import Campaign, CampaignState, Member
from campaigns.schedule import is_over, today

PORTION = 2000
NEVER = "0001-01-01"


def enrol(campaign: Campaign, after: int) -> int:
    """Enter the next portion of those who are meant, are not entered yet, and whose key is behind `after`; after the last day nobody joins.

    Returns the key to go on behind; 0 when everybody has been looked at.
    """
    if is_over(campaign):
        return 0
    people, member = meant_by(campaign), Member._meta.db_table
    query = (
        f"INSERT INTO {member} (campaign_id, account_id, reminded, snoozed) SELECT %s, id, 0, 0 FROM {Account._meta.db_table} a "  # noqa: S608
        f"WHERE a.left_at IS NULL AND a.id > %s AND a.id IN ({people[0]}) "
        f"AND NOT EXISTS (SELECT 1 FROM {member} m WHERE m.campaign_id = %s AND m.account_id = a.id) ORDER BY a.id LIMIT {PORTION} "
        "ON CONFLICT DO NOTHING RETURNING account_id"
    )
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(query, [campaign.pk, after, *people[1], campaign.pk])
        entered: list[int] = [pk for (pk,) in cursor.fetchall()]
    if len(entered) < PORTION:
        Campaign.objects.filter(pk=campaign.pk, enrolled=False).update(enrolled=True)
        return 0
    return max(entered)


def mark(stop_at: float = inf) -> int:
    """Bring accounts up to date with what campaigns ask of them, in portions, until the monotonic clock says `stop_at`; how many were not."""
    rows = _wrong()
    for done in range(0, len(rows), PORTION):
        _mark(rows[done : done + PORTION])
        if time.monotonic() >= stop_at:
            break
    return len(rows)


@transaction.atomic
def _mark(rows: Sequence[tuple[int, str | None, int]]) -> None:
    locked = set(Account.objects.select_for_update().filter(pk__in=[pk for pk, *_ in rows]).order_by("pk").values_list("pk", flat=True))
    for until, requires in {(until, requires) for _pk, until, requires in rows}:
        mine = [pk for pk, *said in rows if said == [until, requires] and pk in locked]
        Account.objects.filter(pk__in=mine).update(campaign_until=until, campaign_requires=bool(requires))


def _wrong() -> list[tuple[int, str | None, int]]:
    """Accounts whose row says something else than the running campaigns do, and what those say; a campaign that requires counts first."""
    running = Campaign.objects.filter(state=CampaignState.RUNNING)
    if not running.exists() and not Account.objects.filter(campaign_until__isnull=False).exists():
        return []
    account, free, methods = Account._meta.db_table, excused(), methods_counted()
    wanted = (
        "SELECT e.account_id, COALESCE(MIN(CASE WHEN c.requires THEN c.due_on END), MIN(c.due_on)) AS until, "  # noqa: S608
        f"MAX(CASE WHEN c.requires THEN 1 ELSE 0 END) AS requires FROM {Member._meta.db_table} e "
        f"JOIN {Campaign._meta.db_table} c ON c.id = e.campaign_id AND c.state = %s JOIN {account} x ON x.id = e.account_id "
        f"LEFT JOIN ({methods[0]}) m ON m.account_id = e.account_id "
        "WHERE (c.requires OR c.due_on >= %s) AND x.left_at IS NULL "
        "AND NOT (x.methods_needed AND (COALESCE(m.usable, 0) > 1 OR NOT c.second_method)) "
        f"AND e.account_id NOT IN ({free[0]}) GROUP BY e.account_id"
    )
    query = (
        f"SELECT a.id, w.until, COALESCE(w.requires, 0) FROM {account} a LEFT JOIN ({wanted}) w ON w.account_id = a.id "  # noqa: S608
        f"WHERE (a.campaign_until IS NOT NULL OR w.until IS NOT NULL) AND (COALESCE(a.campaign_until, '{NEVER}') <> "
        f"COALESCE(w.until, '{NEVER}') OR (CASE WHEN a.campaign_requires THEN 1 ELSE 0 END) <> COALESCE(w.requires, 0)) "
        "ORDER BY a.id"
    )
    with connection.cursor() as cursor:
        cursor.execute(query, [CampaignState.RUNNING.value, *methods[1], today().isoformat(), *free[1]])
        return list(cursor.fetchall())
