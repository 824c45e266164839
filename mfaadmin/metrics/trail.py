"""Whether the audit keeps up: seals, heads that leave, collectors of events, and the tallies that these figures stand on."""

from collections.abc import Iterator
from datetime import datetime

from prometheus_client.metrics_core import Metric

from audit.models import Collector, Event, Outlet, Seal
from mfaadmin.metrics.gauges import gauge, seconds


def figures(now: datetime) -> Iterator[Metric]:
    """Four queries."""
    newest = Seal.objects.order_by("-number").values("last", "highest_id", "sealed_at").first()
    sealed = gauge("sealed_events", "Events that seals hold.")
    sealed.add_metric([], newest["last"] if newest else 0)
    lag = gauge("sealing_lag_seconds", "Age of the oldest event that is newer than the newest seal.")
    young = Event.objects.filter(pk__gt=newest["highest_id"] if newest else 0).order_by("pk").values_list("at", flat=True).first()
    lag.add_metric([], seconds(young, now))
    yield from (sealed, lag)
    yield from _heads(now)
    yield from _collectors(now, newest["last"] if newest else 0)


def _heads(now: datetime) -> Iterator[Metric]:
    age = gauge("head_age_seconds", "How long ago the newest head left by this way.", "outlet")
    failing = gauge("head_failing_seconds", "How long no head has been able to leave by this way.", "outlet")
    for outlet in Outlet.objects.order_by("name"):
        age.add_metric([outlet.name], seconds(outlet.sent_at, now))
        failing.add_metric([outlet.name], seconds(outlet.failing_since, now))
    yield from (age, failing)


def _collectors(now: datetime, last: int) -> Iterator[Metric]:
    behind = gauge(
        "collector_events_behind", "Sealed events that a collector has not got yet; tallies: that these figures leave out.", "collector"
    )
    failing = gauge("collector_failing_seconds", "How long a collector has taken nothing.", "collector")
    for collector in Collector.objects.order_by("name"):
        behind.add_metric([collector.name], last - collector.number)
        failing.add_metric([collector.name], seconds(collector.failing_since, now))
    yield from (behind, failing)
