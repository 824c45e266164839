"""What waits: changes for connected systems, messages, people who are locked out."""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import Count, Min, Q
from prometheus_client.metrics_core import Metric

from accounts.models import Account, FailureBudget
from methods.models import Message, MessageState, Report
from mfaadmin.metrics.gauges import gauge, seconds
from policies.models import ConnectedSystem, Delivery
from policies.models.deliveries import DeliveryState

UNDER_WAY = (DeliveryState.WAITING, DeliveryState.SENT)
UNDONE = (*UNDER_WAY, DeliveryState.FAILED, DeliveryState.UNSURE)


def figures(now: datetime) -> Iterator[Metric]:
    """Deliveries and systems, messages, lock-outs, open reports; six queries."""
    yield from _deliveries(now)
    yield from _systems(now)
    yield from _messages(now)
    held = gauge(
        "held", "What may be tried no more for now: verifications and passwords after too many failures, accounts locked by staff.", "what"
    )
    accounts = Account.objects.aggregate(
        held=Count("pk", filter=Q(held_until__gt=now)), locked=Count("pk", filter=Q(locked_at__isnull=False))
    )
    held.add_metric(["verification"], accounts["held"])
    held.add_metric(["locked by staff"], accounts["locked"])
    held.add_metric(["password or network"], FailureBudget.objects.filter(held_until__gt=now).count())
    yield held
    reports = gauge("open_reports", "Reports of account holders that wait for the help desk.")
    reports.add_metric([], Report.objects.filter(settled_at=None).count())
    yield reports


def _deliveries(now: datetime) -> Iterator[Metric]:
    """Confirmed ones are counted as events; those that are left stand in partial indexes. What waits for a system to be enabled is not late."""
    states = gauge("deliveries", "Changes of MFA use that a connected system has not confirmed, by state.", "system", "state")
    age = gauge("delivery_age_seconds", "How long ago the oldest change under way was planned.", "system")
    late = gauge("delivery_lateness_seconds", "How long the most overdue change has been due.", "system")
    rows = Delivery.objects.filter(state__in=UNDONE).values("system__code", "system__enabled", "state").order_by("system__code", "state")
    oldest: dict[str, tuple[datetime, datetime]] = {}
    for row in rows.annotate(count=Count("pk"), planned=Min("planned_at"), due=Min("due_at")):
        code = row["system__code"]
        states.add_metric([code, row["state"]], row["count"])
        if row["state"] in UNDER_WAY and row["system__enabled"]:
            planned, due = oldest.get(code, (row["planned"], row["due"]))
            oldest[code] = min(planned, row["planned"]), min(due, row["due"])
    for code, (planned, due) in oldest.items():
        age.add_metric([code], seconds(planned, now))
        late.add_metric([code], seconds(due, now))
    yield from (states, age, late)


def _systems(now: datetime) -> Iterator[Metric]:
    failures = gauge("system_failures", "Failures of a connected system in a row.", "system")
    stopped = gauge("system_stopped", "1 while nothing is passed on until somebody has corrected a setting.", "system")
    drift = gauge("system_drift", "Accounts on which a system differed when it was compared last.", "system")
    for code, failed, why, differing in ConnectedSystem.objects.filter(enabled=True).values_list(
        "code", "failures", "stopped_reason", "drift"
    ):
        failures.add_metric([code], failed)
        stopped.add_metric([code], bool(why))
        if differing is not None:
            drift.add_metric([code], differing)
    yield from (failures, stopped, drift)


def _messages(now: datetime) -> Iterator[Metric]:
    waiting = gauge("messages_waiting", "Messages that have not been sent yet.", "channel")
    late = gauge("message_lateness_seconds", "How long the most overdue message has been due.", "channel")
    rows = Message.objects.filter(state__in=[MessageState.WAITING, MessageState.SENDING]).values("channel").order_by("channel")
    for row in rows.annotate(count=Count("pk"), due=Min("due_at")):
        waiting.add_metric([row["channel"]], row["count"])
        late.add_metric([row["channel"]], seconds(row["due"], now))
    yield from (waiting, late)
