"""Whether texts and calls are used: where few are, somebody may be earning money by having them sent (R-079)."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from audit.catalogue import EventName
from audit.record import record
from methods.models import ChallengeState, Message, MessageState, SendingCount
from methods.spending import DAY, tell_administrators

FEWEST = 30  # with fewer, chance decides
STILL_USABLE = timedelta(minutes=10)


def watch() -> None:
    """Tell the administrators of every country to which less was used within a day than is usual; once a day each."""
    for country, sent, used in use_by_country():
        if sent >= FEWEST and used * 100 < sent * settings.MFA_SENDING_USED_PERCENT:
            _alarm(country, sent, used)


def use_by_country() -> list[tuple[str, int, int]]:
    """Country, texts and calls that went out within a day, and how many of them verified somebody."""
    now = timezone.now()
    out = Message.objects.filter(channel__in=["sms", "call"], state__in=[MessageState.SENT, MessageState.UNSURE])
    out = out.filter(due_at__gt=now - DAY, due_at__lt=now - STILL_USABLE).exclude(country="")
    used = Count("pk", filter=Q(challenge__state=ChallengeState.PASSED))
    return list(out.values("country").annotate(sent=Count("pk"), used=used).order_by("country").values_list("country", "sent", "used"))


@transaction.atomic
def _alarm(country: str, sent: int, used: int) -> None:
    today = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    _, is_new = SendingCount.objects.get_or_create(scope="unused-day", key=country, since=today)
    if is_new:
        record(EventName.SENDING_UNUSED, after={"country": country, "sent": sent, "used": used})
        tell_administrators("sending-unused", country=country, sent=sent, used=used)
