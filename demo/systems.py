"""The pages of the sample systems: what each was told, and how it is to answer."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import public
from demo.mail_program import TAKING
from demo.models import Mood, Notice, SampleSystem, SystemAccount
from demo.parts import page_or_part

SHOWN = 50


@public
def systems(request: HttpRequest) -> HttpResponse:
    """Every sample system."""
    return render(request, "demo/systems.html", {"systems": SampleSystem.objects.order_by("code")})


@public
def system(request: HttpRequest, code: str) -> HttpResponse:
    """One system: the state of each account, and each notice with how often it arrived."""
    shown = get_object_or_404(SampleSystem, code=code)
    facts = {
        "system": shown,
        "takes_app_passwords": code in TAKING,
        "moods": Mood,
        "account_columns": [_("Common ID"), _("State"), _("Revision"), _("Changed")],
        "account_rows": [_account_row(account) for account in shown.accounts.all()[:SHOWN]],
        "notice_columns": [_("Key"), _("Common ID"), _("State"), _("Revision"), _("Outcome"), _("Arrived"), _("Last time")],
        "notice_rows": [_notice_row(notice) for notice in shown.notices.all()[:SHOWN]],
    }
    return page_or_part(request, "system", facts)


def _account_row(account: SystemAccount) -> list[object]:
    return [account.account, account.get_state_display(), account.revision, _when(account.changed_at)]


def _notice_row(notice: Notice) -> list[object]:
    times = ngettext("%(count)d time", "%(count)d times", notice.times) % {"count": notice.times}
    return [
        notice.key,
        notice.account,
        notice.get_state_display(),
        notice.revision,
        notice.get_outcome_display(),
        times,
        _when(notice.last_at),
    ]


def _when(moment: datetime) -> str:
    return date_format(localtime(moment), "DATETIME_FORMAT")


@public
@require_POST
def set_mood(request: HttpRequest, code: str) -> HttpResponse:
    """Choose how the system answers from now on."""
    mood = request.POST.get("mood", "")
    if mood in Mood.values and SampleSystem.objects.filter(code=code).update(mood=mood):
        messages.success(request, _("From now on: %(mood)s") % {"mood": Mood(mood).label})
    return redirect("demo:system", code=code)
