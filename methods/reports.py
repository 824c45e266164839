"""What the provider reports of a text after it took it: for the help desk's eyes, and never a verification (R-086)."""

from dataclasses import dataclass

from django.db import transaction
from django.utils import timezone

from audit.catalogue import EventName
from audit.record import record
from methods.delivery import NOT_DELIVERED
from methods.models import Message
from methods.tokens import digest_of

STEPS = (("", "accepted", "scheduled", "queued", "sending"), ("sent",), ("delivered", "undelivered", "failed", "canceled", "read"))


@dataclass(frozen=True)
class Report:
    """The provider's word for a state, and its code of what went wrong."""

    state: str
    code: str = ""


@transaction.atomic
def reported(token: str, report: Report, *, sid: str, number: str) -> bool:
    """Keep what became of a text; False when the report is not of the text that this token was given for.

    A state only goes on: one that comes late or twice changes nothing (R-082).
    """
    message = Message.objects.select_for_update(of=("self",)).select_related("account").filter(report_digest=digest_of(token)).first()
    if message is None or not sid or number != message.address or message.provider_id not in {"", sid}:
        return False
    if _step(report.state) > _step(message.report):
        message.report, message.report_code, message.reported_at = report.state, report.code[:8], timezone.now()
        message.provider_id = sid
        message.save(update_fields=["report", "report_code", "reported_at", "provider_id"])
        if report.state in NOT_DELIVERED:
            after = {
                "channel": message.channel,
                "template": message.template,
                "problem": report.code[:8] or report.state,
                "country": message.country,
            }
            record(EventName.MESSAGE_FAILED, account=message.account, after=after)
    return True


def _step(state: str) -> int:
    """How far a state is; one that is unknown is no step."""
    return next((number for number, states in enumerate(STEPS) if state in states), -1)
