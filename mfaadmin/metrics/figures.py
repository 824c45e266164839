"""What `/metrics` tells: queues, sign-ins, messages, seals, and what leaves the host. Labels are codes and never people."""

from collections.abc import Iterator

from django.utils import timezone
from prometheus_client.core import CounterMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector as Registered

from audit.catalogue import EventName
from audit.models import EventTally
from mfaadmin.metrics import backlog, trail

VERIFICATIONS = {
    EventName.CHALLENGE_PASSED: "passed",
    EventName.CHALLENGE_FAILED: "wrong",
    EventName.CHALLENGE_DECLINED: "declined",
    EventName.CHALLENGE_REPORTED: "reported",
    EventName.CHALLENGE_HELD: "held",
}
SIGN_INS = {
    EventName.SIGNIN_SUCCEEDED: "succeeded",
    EventName.SIGNIN_REFUSED: "refused",
    EventName.SIGNIN_ABANDONED: "abandoned",
    EventName.PASSWORD_REFUSED: "wrong password",
    EventName.PASSWORD_HELD: "held",
}


class Figures(Registered):
    """Asks the database at each scrape."""

    def collect(self) -> Iterator[Metric]:
        now = timezone.now()
        yield from _of_events()
        yield from backlog.figures(now)
        yield from trail.figures(now)


def _of_events() -> Iterator[Metric]:
    events = CounterMetricFamily("mfaadmin_events", "Events by name, and by kind of method or channel.", labels=["event", "kind"])
    sign_ins = CounterMetricFamily(
        "mfaadmin_signins", "Sign-ins by outcome, and by what they were verified with.", labels=["outcome", "kind"]
    )
    verifications = CounterMetricFamily(
        "mfaadmin_verifications", "Verifications by outcome and kind of method.", labels=["outcome", "kind"]
    )
    for tally in EventTally.objects.order_by("name", "kind"):
        events.add_metric([tally.name, tally.kind], tally.count)
        if tally.name in SIGN_INS:
            sign_ins.add_metric([SIGN_INS[EventName(tally.name)], tally.kind], tally.count)
        if tally.name in VERIFICATIONS:
            verifications.add_metric([VERIFICATIONS[EventName(tally.name)], tally.kind], tally.count)
    return iter([events, sign_ins, verifications])
