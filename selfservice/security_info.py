"""Security info: the methods of an account, and what is still to do."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.badge import Badged
from methods.allowance import Allowance, allowance_of
from methods.contract import Label, MethodKind
from methods.models import MethodState, RegisteredMethod
from methods.naming import shown_name
from methods.registry import governed_kinds, kind
from methods.rehearsal import backups, by_telephone_alone, devices
from methods.stepup import to_step_up
from methods.usable import listed, only_usable, recovery_addresses, tested_at
from selfservice.guide import steps_for
from signin.interrupt import wants_address

BACKUPS_SHOWN = 3


@require_GET
def security_info(request: Badged) -> HttpResponse:
    """Always verified once a method is registered, whatever the state of the application (S-76, C-06)."""
    methods = listed(request.user)
    usable = only_usable(methods)
    if usable and request.badge.verified_at is None:
        return to_step_up(request.path)
    guide, allowed = steps_for(request.user, methods), allowance_of(request.user)
    facts = {
        "rows": [_row(method, allowed, testable=method in usable) for method in sorted(methods, key=_is_for_recovery)],
        "default": next((method for method in usable if method.is_default), None),
        "usable": usable,
        "only_one": len(usable) == 1,
        "devices": devices(methods),
        "by_telephone": by_telephone_alone(methods),
        "address_missing": bool(usable) and not recovery_addresses(methods) and wants_address(request.user),
        "tested": _tested(request, usable),
        "backups": [_backup(known) for known in backups(usable, allowed, telephones=not request.powers.rank)[:BACKUPS_SHOWN]],
        "guide": guide,
        "outage": allowed.outage,
        "verified_here": request.badge.verified_at is not None and tested_at(usable) is not None,
    }
    return render(request, "selfservice/security_info.html", facts)


def _backup(known: MethodKind) -> tuple[Label, str, str]:
    return known.verbose_name, known.icon, reverse("methods:start-app" if known.family == "app" else known.setup_url)


def _tested(request: Badged, usable: list[RegisteredMethod]) -> RegisteredMethod | None:
    """The method that was tried out just now, as the address says; only what is true is said."""
    named = request.GET.get("tested", "")
    lately = timezone.now() - timedelta(minutes=settings.STEP_UP_MINUTES)
    return next((one for one in usable if str(one.pk) == named and one.last_proven_at and one.last_proven_at > lately), None)


def _is_for_recovery(method: RegisteredMethod) -> bool:
    return not kind(method.kind).for_sign_in


def _row(method: RegisteredMethod, allowed: Allowance, *, testable: bool) -> dict[str, object]:
    known = kind(method.kind)
    ends = _("Ends on %(date)s") % {"date": date_format(localtime(method.expires_at), "DATETIME_FORMAT")} if method.expires_at else ""
    notice = ends if known.for_sign_in else _("Not for sign-in")
    detail = "" if known.for_sign_in else ends
    if known.code in allowed.last_days:
        notice = _("Ends on %(date)s") % {"date": date_format(allowed.last_days[known.code], "DATE_FORMAT")}
        detail = _("Your institution ends methods of this kind. Register another one before then.")
    if not allowed.allows(known.code) and known in governed_kinds():
        notice, detail = _("Not usable any more"), _("Your institution does not allow methods of this kind.")
    if method.state == MethodState.SUSPENDED:
        notice = _("Suspended after too many wrong codes or a report: delete it and register it anew")
    return {
        "icon": known.icon,
        "title": shown_name(method),
        "hint": method.hint,
        "detail": detail,
        "default": method.is_default,
        "proven": method.last_proven_at,
        "notice": notice,
        "actions": [
            *([(_("Test"), reverse("signin:test", args=[method.pk]))] if testable else []),
            *([(_("Change"), reverse("methods:change", args=[method.pk]))] if known.setup_url else []),
            (_("Delete"), reverse("methods:delete", args=[method.pk])),
        ],
    }
