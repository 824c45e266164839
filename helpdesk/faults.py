"""What two people had approved and a fault of the server kept from being done: for the alarm to the administrators, and which are worth another try."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import InterfaceError, OperationalError
from psycopg.errors import IdleInTransactionSessionTimeout

from helpdesk.models import BROKE_OFF, Approval, ApprovalState, BulkRow
from policies.alarms import Trouble

LATELY = timedelta(days=1)


def is_passing(error: Exception) -> bool:
    """The database was away, would wait no longer for this process, or two were in each other's way: the next run tries again."""
    return isinstance(error, OperationalError | InterfaceError) or isinstance(error.__cause__, IdleInTransactionSessionTimeout)


def broken_off(now: datetime) -> Iterator[Trouble]:
    """How much of it within a day; a row of a list that was announced counts as the approval that it was."""
    rows = BulkRow.objects.filter(why=BROKE_OFF, done_at__gt=now - LATELY, approval=None).count()
    approvals = Approval.objects.filter(state=ApprovalState.FAILED, decided_at__gt=now - LATELY).count()
    if rows + approvals:
        yield Trouble("broke-off", count=rows + approvals)
