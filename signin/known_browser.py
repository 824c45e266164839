"""A browser that has completed a sign-in before. It skips nothing; it only has a password budget of its own (R-030)."""

import secrets

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from accounts.models import Account

COOKIE = "known"
SALT = "signin.known-browser"
YEAR = 365 * 24 * 3600


def known_browser(account: Account, cookie: str) -> str:
    """The browser's id for this account, or nothing."""
    try:
        owner, epoch, browser = signing.loads(cookie, salt=SALT, max_age=YEAR)
    except (signing.BadSignature, ValueError, TypeError):
        return ""
    return str(browser) if (owner, epoch) == (account.pk, account.epoch) else ""


def remember(request: HttpRequest, response: HttpResponse, account: Account) -> None:
    """Let this browser be known for the account's next sign-in."""
    browser = known_browser(account, request.COOKIES.get(COOKIE, "")) or secrets.token_urlsafe(12)
    value = signing.dumps((account.pk, account.epoch, browser), salt=SALT)
    response.set_cookie(COOKIE, value, max_age=YEAR, path="/signin/", secure=settings.SESSION_COOKIE_SECURE, httponly=True, samesite="Lax")
