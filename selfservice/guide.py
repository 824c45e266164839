"""The four steps of the initial setup, and how far an account has come (S-03, S-16, S-83). Nothing is stored: facts tell it."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from methods.models import RegisteredMethod
from methods.usable import only_usable, tested_at
from policies.applications import is_recent

TITLES = (
    _("Set Up the First Verification Method"),
    _("Add Alternative Verification Methods"),
    _("Try Signing In"),
    _("Apply for MFA Use"),
)


@dataclass(frozen=True)
class Step:
    """One line of the guide as the component shows it; what is done leads nowhere."""

    title: str | Promise
    state: str
    url: str
    note: str | Promise = ""


@dataclass(frozen=True)
class Guide:
    """The steps, the number of the one to do now, and what to say of it; `finished` when MFA use is applied for."""

    steps: list[Step]
    current: int
    sentence: str | Promise

    @property
    def finished(self) -> bool:
        return self.current > len(TITLES)

    @property
    def later(self) -> int:
        """The number of the step to go on with when the current one is left for later."""
        open_steps = (number for number, step in enumerate(self.steps, 1) if step.state == "todo" and number > self.current)
        return next(open_steps, self.current)

    @property
    def later_url(self) -> str:
        return self.steps[self.later - 1].url


def _sentence(current: int) -> str | Promise:
    if current > len(TITLES):
        return _("You have completed the initial setup.")
    return _("The setup process is not over. Continue to Step %(number)d.") % {"number": current}


def steps_for(account: Account, methods: Sequence[RegisteredMethod]) -> Guide:
    """How far this account has come. The second step may be left for later; the others follow one another."""
    usable = only_usable(methods)
    tested = tested_at(usable)
    recently = tested is not None and is_recent(tested, timezone.now())
    applied = account.methods_needed
    done = (bool(usable), len(usable) > 1, recently or applied, applied)
    current = len(TITLES) + 1 if applied else next(number for number, is_done in enumerate(done, 1) if not is_done)
    urls = (reverse("methods:choose"), reverse("methods:choose"), reverse("signin:signout"), reverse("selfservice:mfa-setting"))
    states = ["done" if is_done else "current" if number == current else "todo" for number, is_done in enumerate(done, 1)]
    steps = [Step(title, state, "" if state == "done" else url) for title, state, url in zip(TITLES, states, urls, strict=True)]
    return Guide(steps, current, _sentence(current))
