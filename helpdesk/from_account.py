"""Whoever decides on the page of an account stays there."""

from django.http import HttpResponse

from accounts.badge import Badged
from accounts.models import Account
from helpdesk.page import Sent, account_page


def comes_from_account(request: Badged) -> bool:
    """Whether the form stands on the page of the account it is about."""
    return request.POST.get("from") == "account"


def page_of_account(request: Badged, account: Account, problem: str, *, status: int) -> HttpResponse:
    """That page, with what was not possible."""
    return account_page(request, account, Sent(problem=problem), status=status)
