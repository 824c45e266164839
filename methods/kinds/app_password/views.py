"""Making an app password: what it is for, then the password, once."""

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.refusals import Refused
from methods.eligibility import Ability, systems
from methods.kinds.app_password.forms import NewAppPasswordForm
from methods.kinds.app_password.models import AppPasswordDevice
from methods.kinds.app_password.secret import grouped, make_secret
from methods.lifecycle import refuse_unsuitable
from methods.registrant import Registering, for_registrants
from methods.registration import adopt, refusable
from methods.registry import kind
from methods.tokens import digest_of


@for_registrants
@require_http_methods(["GET", "POST"])
@refusable
def setup(request: Registering) -> HttpResponse:
    """Its name; Next makes it and shows it. Not in the first registration, where only the password is known."""
    registrant = request.registrant
    if registrant.first:
        return redirect("methods:choose")
    refuse_unsuitable(registrant.account, kind("app-password"))
    form = NewAppPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        secret = make_secret()
        try:
            made = adopt(registrant, AppPasswordDevice(digest=digest_of(secret)), name=form.cleaned_data["name"])
        except Refused as refusal:
            if refusal.code != "app-password-of-this-name":
                raise
            form.add_error("name", refusal.told)  # a page that is loaded anew sends its form anew
        else:
            return render(request, "app_password/made.html", {"secret": grouped(secret), "method": made, "account": registrant.account})
    taking = systems(Ability.APP_PASSWORDS, able=True)
    why_not = "" if taking else Refused("app-password-nowhere").told
    if taking and not registrant.account.methods_needed:
        why_not = Refused("app-password-too-early").told
    facts = {"form": form, "systems": taking, "why_not": why_not, "days": settings.MFA_APP_PASSWORD_DAYS}
    return render(request, "app_password/setup.html", facts)
