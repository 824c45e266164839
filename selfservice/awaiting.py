"""Wanting a mail when one connected system is ready (S-92)."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.badge import Badged
from accounts.refusals import Refused
from policies.ready_mails import want


@require_POST
def await_system(request: Badged, delivery_id: uuid.UUID) -> HttpResponse:
    """Have a mail sent; then back to the progress."""
    try:
        want(request.user, delivery_id, actor=request.user)
    except Refused as refusal:
        messages.error(request, refusal.told)
    else:
        messages.success(request, _("You get a mail when it is ready."))
    return redirect("selfservice:mfa-setting")
