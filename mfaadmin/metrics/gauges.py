"""How figures that go up and down are made."""

from datetime import datetime

from prometheus_client.core import GaugeMetricFamily


def gauge(name: str, said: str, *labels: str) -> GaugeMetricFamily:
    """A figure that goes up and down."""
    return GaugeMetricFamily(f"mfaadmin_{name}", said, labels=labels)


def seconds(since: datetime | None, now: datetime) -> float:
    """How long ago, 0 for what has not begun."""
    return max(0.0, (now - since).total_seconds()) if since else 0.0
