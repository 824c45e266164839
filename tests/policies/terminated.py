"""What tests of the ends of terminations share."""

from datetime import timedelta

from django.db.models import F

from accounts.models import Account
from methods.models import Message
from policies import terminations
from policies.models import Application, Termination


def days_pass(days: float) -> None:
    """The ends of terminations come nearer."""
    ago = timedelta(days=days)
    Termination.objects.update(ends_at=F("ends_at") - ago)


def states(account: Account) -> list[str]:
    """Of the applications of an account, the oldest first."""
    return list(Application.objects.filter(account=account).order_by("revision").values_list("state", flat=True))


def told(account: Account) -> list[str]:
    """The notices about the end of a termination that an account got, in order."""
    wanted = Message.objects.filter(account=account, template__in=["termination-ending", "termination-ended"])
    return list(wanted.order_by("due_at").values_list("template", flat=True))


def ask(account: Account, actor: Account) -> Termination:
    """For a reason, for as long as usual."""
    return terminations.request(account, actor=actor, reason="broken arm")


def state_of(account: Account) -> str:
    """Of the one application there is."""
    return Application.objects.get(account=account).state
