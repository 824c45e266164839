"""What every page shows around its content: names, support desk, menu, theme."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext_lazy as _

THEMES = ("auto", "light", "dark")


@dataclass(frozen=True)
class Entry:
    """One line of the left menu."""

    label: str | Promise
    url: str
    icon: str
    current: bool


MENU: list[tuple[str, str | Promise, str, str]] = [
    ("", _("My account"), "selfservice:my-account", "person"),
    ("", _("Security info"), "selfservice:security-info", "shield"),
    ("", _("User menu"), "selfservice:user-menu", "menu"),
    ("", _("multi-factor authentication setting"), "selfservice:mfa-setting", "shield-check"),
    ("account:search", _("Help desk"), "helpdesk:search", "search"),
    ("site:configure", _("Connected systems"), "policies:systems", "server"),
    ("counter:confirm", _("Counter"), "helpdesk:counter", "person"),
    ("audit:read", _("Audit"), "audit:events", "clock"),
    ("site:configure", _("Policies"), "policies:overview", "settings"),
    ("role:grant", _("Roles"), "helpdesk:staff", "people"),
]

BELOW = {"policies:restore": "policies:systems"}  # pages whose address does not say to which entry they belong


def _menu(request: HttpRequest) -> list[Entry]:
    rights = getattr(request, "powers").rights  # noqa: B009  set by the badge middleware
    shown = [(label, reverse(name), icon) for right, label, name, icon in MENU if not right or right in rights]
    path = next((reverse(entry) for page, entry in BELOW.items() if request.path.startswith(reverse(page))), request.path)
    here = max((url for _label, url, _icon in shown if path.startswith(url)), key=len, default="")
    return [Entry(label, url, icon, url == here) for label, url, icon in shown]


def propagation_time() -> str:
    """The time that a change of MFA use takes, in words; seconds where it is less than a minute."""
    minutes = settings.MFA_PROPAGATION_MINUTES
    if minutes < 1:
        seconds = round(minutes * 60)
        return ngettext("%(count)d second", "%(count)d seconds", seconds) % {"count": seconds}
    whole = round(minutes)
    return ngettext("%(count)d minute", "%(count)d minutes", whole) % {"count": whole}


def _site() -> dict[str, Any]:
    japanese = get_language() == "ja"
    return {
        "organisation": settings.MFA_ORGANISATION_NAME_JA if japanese else settings.MFA_ORGANISATION_NAME,
        "support_name": settings.MFA_SUPPORT_NAME_JA if japanese else settings.MFA_SUPPORT_NAME,
        "support_email": settings.MFA_SUPPORT_EMAIL,
        "support_phone": settings.MFA_SUPPORT_PHONE,
        "support_hours": settings.MFA_SUPPORT_HOURS,
        "propagation_time": propagation_time(),
    }


def steady(request: HttpRequest) -> dict[str, Any]:
    """The part of the page frame that needs neither database nor session: for pages that say what failed."""
    theme = request.COOKIES.get("theme", "auto")
    return {"site": _site(), "theme": theme if theme in THEMES else "auto"}


def frame(request: HttpRequest) -> dict[str, Any]:
    """Template context of the page frame."""
    signed_in = bool(getattr(request, "badge", None))
    return {**steady(request), "menu": _menu(request) if signed_in else []}
