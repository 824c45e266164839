"""What became of a text or call, for whoever helps its receiver."""

from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from audit.terms import value_words
from methods.delivery import NOT_DELIVERED
from methods.models import Message, MessageState

FOLLOWED = ("sms", "call")
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


def became(message: Message) -> Became:
    """How a text or call stands; never a code, nor the number."""
    state, tone = REPORTS.get(message.report) or STATES[message.state]
    if message.channel == "call" and message.report == "failed":
        state = _("Could not be connected")
    code = message.report_code if message.report in NOT_DELIVERED else message.problem
    return Became(message, state, tone, value_words("problem", code))
