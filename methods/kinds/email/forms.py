"""Input of a recovery address."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refused


class AddressForm(forms.Form):
    """An address of another provider than the institution (S-37)."""

    address = forms.EmailField(
        label=_("Email address"),
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
        error_messages={"required": _("Enter your email address."), "invalid": _("This is not an email address. Check it.")},
    )

    def clean_address(self) -> str:
        """The address; refused when it could not be read while locked out."""
        address: str = self.cleaned_data["address"]
        domain = address.rpartition("@")[2].lower()
        if any(domain == own.lower() or domain.endswith("." + own.lower()) for own in settings.MFA_REFUSED_EMAIL_DOMAINS):
            raise forms.ValidationError(Refused("address-of-institution").sentence)
        return address
