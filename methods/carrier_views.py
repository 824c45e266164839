"""On which device a method lives: asked, because nobody but its owner knows."""

import uuid

from django import forms
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.badge import Badged
from accounts.refusals import Refused
from methods.carriers import Carrier
from methods.rehearsal import carrier_of, say_where
from methods.stepup import needs_fresh_proof
from methods.usable import listed, only_usable


class CarrierForm(forms.Form):
    """One of the devices that people tell apart."""

    carrier = forms.ChoiceField(
        label=gettext_lazy("Which device do you need for it?"), choices=Carrier.choices, widget=forms.RadioSelect, label_suffix=""
    )


@needs_fresh_proof
@require_http_methods(["GET", "POST"])
def carrier(request: Badged, method_id: uuid.UUID) -> HttpResponse:
    """Choose the device of one method."""
    method = next((one for one in only_usable(listed(request.user)) if one.pk == method_id), None)
    if method is None:
        raise Http404
    form = CarrierForm(request.POST or None, initial={"carrier": carrier_of(method)})
    if request.method == "POST" and form.is_valid():
        try:
            say_where(request.user, method_id, Carrier(form.cleaned_data["carrier"]), actor=request.user)
        except Refused:
            raise Http404 from None
        messages.success(request, _("The device has been noted."))
        return redirect("selfservice:security-info")
    return render(request, "methods/carrier.html", {"form": form, "method": method})
