"""What became of the texts and calls of an account, for whoever helps its owner."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from audit.terms import value_words
from methods.delivery import NOT_DELIVERED
from methods.models import Message, MessageState

SHOWN = 5
Words = str | Promise

REPORTS: dict[str, tuple[Words, str]] = {
    "sent": (_("Handed to the phone company"), "neutral"),
    "delivered": (_("Delivered"), "success"),
    "read": (_("Delivered"), "success"),
    "undelivered": (_("Not delivered"), "danger"),
    "failed": (_("Not delivered"), "danger"),
    "canceled": (_("Not delivered"), "danger"),
    "completed": (_("Answered"), "success"),
    "no-answer": (_("Nobody answered"), "warning"),
    "busy": (_("Busy"), "warning"),
}
STATES: dict[str, tuple[Words, str]] = {
    MessageState.WAITING: (_("Waiting"), "neutral"),
    MessageState.SENDING: (_("Being sent"), "neutral"),
    MessageState.SENT: (_("Handed to the provider"), "neutral"),
    MessageState.UNSURE: (_("Perhaps sent: the provider did not answer"), "warning"),
    MessageState.FAILED: (_("Not sent"), "danger"),
}


@dataclass(frozen=True)
class Became:
    """A text or call, how it stands, and why it did not arrive."""

    message: Message
    state: Words
    tone: str
    why: str

    @property
    def is_call(self) -> bool:
        """Whether a phone rang, or should have."""
        return self.message.channel == "call"


def lately(account: Account) -> list[Became]:
    """The last texts and calls, the newest first; never a code, nor the number."""
    mine = Message.objects.filter(account=account, channel__in=["sms", "call"]).order_by("-due_at")
    return [_became(message) for message in mine[:SHOWN]]


def _became(message: Message) -> Became:
    state, tone = REPORTS.get(message.report) or STATES[message.state]
    if message.channel == "call" and message.report == "failed":
        state = _("Could not be connected")
    code = message.report_code if message.report in NOT_DELIVERED else message.problem
    return Became(message, state, tone, value_words("problem", code))
