"""Where a sign-in leads afterwards: a path of this site, or home (R-013)."""

from django.http import HttpRequest
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

LONGEST = 500


def safe_path(request: HttpRequest, given: str) -> str:
    """`given` when it is a plain path of this site, else the first page after a sign-in."""
    plain = given.startswith("/") and not given.startswith(("//", "/\\")) and given.isprintable() and len(given) <= LONGEST
    safe = url_has_allowed_host_and_scheme(given, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return given if plain and safe else reverse("selfservice:security-info")
