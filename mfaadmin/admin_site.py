"""Django's admin behind this site's own door: a signed-in, verified administrator or nobody (R-168)."""

from typing import Any

from django.contrib.admin import AdminSite
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from accounts.access import to_sign_in


class ConfigurationSite(AdminSite):
    """Has no sign-in form of its own, and no password pages."""

    site_header = site_title = _("Configuration")

    def has_permission(self, request: HttpRequest) -> bool:
        rights = getattr(request, "powers").rights  # noqa: B009  set by the badge middleware
        return "site:configure" in rights and bool(request.user.is_verified())  # type: ignore[union-attr]

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        return to_sign_in(request)
