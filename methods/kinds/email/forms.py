"""Input of a recovery address."""

from django import forms
from django.conf import settings
from django.utils.encoding import punycode
from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refused


class AddressForm(forms.Form):
    """An address of another provider than the institution (S-37)."""

    address = forms.EmailField(
        label=_("Email address"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
        error_messages={"required": _("Enter your email address."), "invalid": _("This is not an email address. Check it.")},
    )

    def clean_address(self) -> str:
        """The address as mail servers write it; refused when it could not be read while locked out."""
        local, _at, typed = self.cleaned_data["address"].rpartition("@")
        domain = punycode(typed).lower()
        if any(domain == own.lower() or domain.endswith("." + own.lower()) for own in settings.MFA_REFUSED_EMAIL_DOMAINS):
            raise forms.ValidationError(Refused("address-of-institution").told)
        if "." not in domain or domain.startswith("["):
            raise forms.ValidationError(self.fields["address"].error_messages["invalid"])
        return f"{local}@{domain}"
