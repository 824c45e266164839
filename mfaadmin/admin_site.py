"""Django's admin behind this site's own door: an administrator, freshly verified with the strongest they have, or nobody (R-168)."""

from typing import Any, NoReturn

from django.contrib.admin import AdminSite
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from accounts.access import to_sign_in, with_right
from accounts.badge import Badged
from accounts.configuration import RIGHT, ConfigurationAdmin
from methods.stepup import has_fresh_proof, to_step_up


class ConfigurationSite(AdminSite):
    """Has no sign-in form of its own, and no password pages."""

    site_header = site_title = _("Configuration")

    def register(self, model_or_iterable: Any, admin_class: Any = None, **options: Any) -> None:
        """Only what records its changes; what other applications bring along stays out."""
        if admin_class is not None and issubclass(admin_class, ConfigurationAdmin):
            super().register(model_or_iterable, admin_class, **options)

    def has_permission(self, request: HttpRequest) -> bool:
        badged: Badged = request  # type: ignore[assignment]
        return request.user.is_authenticated and RIGHT in badged.powers.rights and has_fresh_proof(badged)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """To the door, for whatever is missing; never a form."""
        if not request.user.is_authenticated:
            return to_sign_in(request)
        with_right(request, RIGHT)
        return to_step_up("/admin/")

    def logout(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:  # type: ignore[override]
        """The way out is the site's own, which records it."""
        return redirect("signin:signout")

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> NoReturn:
        """Passwords are the directory's."""
        raise Http404

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> NoReturn:
        """Passwords are the directory's."""
        raise Http404
