"""The steps that a campaign asks for: how far one person has come, and what is next."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from accounts.models import Account
from campaigns.models import Campaign
from methods.models import RegisteredMethod
from methods.usable import only_usable, tested_at
from policies.standing import Action, Standing, State, Use, standing

ADD_ANOTHER = Standing(
    State.REGISTERED,
    _("One method is registered. Add a second one, so that you can still sign in when the first is lost."),
    Action("methods:choose", _("Add a second method")),
)


@dataclass(frozen=True)
class Progress:
    """How far one person has come."""

    registered: bool
    second: bool
    tested: bool
    applied: bool

    def is_finished(self, campaign: Campaign) -> bool:
        """Whether nothing is left that the campaign asks for."""
        return self.applied and (self.second or not campaign.second_method)


def progress_of(account: Account, methods: Sequence[RegisteredMethod]) -> Progress:
    """From the account and its methods alone; asks the database nothing."""
    usable = only_usable(methods)
    return Progress(bool(usable), len(usable) > 1, bool(tested_at(usable)) or account.methods_needed, account.methods_needed)


def next_of(account: Account, methods: Sequence[RegisteredMethod], use: Use, campaign: Campaign) -> Standing:
    """What every page says of the account, and its next action; a second method once the first has been tried, where one is asked for."""
    progress = progress_of(account, methods)
    if campaign.second_method and progress.tested and progress.registered and not progress.second:
        return ADD_ANOTHER
    return standing(methods, use)
