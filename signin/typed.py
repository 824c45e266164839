"""The Common ID between the two pages of the door: in a signed cookie, so that neither page is the answer to a form, and Back works."""

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

COOKIE, PATH = "typed", "/signin/"
SALT = "signin.typed"
KEPT_SECONDS = 600


def typed_id(request: HttpRequest) -> str:
    """What was entered on the first page in this browser, or nothing; it says nothing of who somebody is."""
    try:
        return str(signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=KEPT_SECONDS))
    except signing.BadSignature:
        return ""


def keep_typed(response: HttpResponse, common_id: str) -> None:
    """For the second page."""
    value, secure = signing.dumps(common_id, salt=SALT), settings.SESSION_COOKIE_SECURE
    response.set_cookie(COOKIE, value, max_age=KEPT_SECONDS, path=PATH, secure=secure, httponly=True, samesite="Lax")


def forget_typed(response: HttpResponse) -> None:
    """Whoever signs in next in this browser enters an id."""
    response.delete_cookie(COOKIE, path=PATH, samesite="Lax")
