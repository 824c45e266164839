"""Input of a recovery address."""

from typing import Any

from django import forms
from django.utils.encoding import punycode
from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refused
from methods.allowance import Allowance

LONGEST = 254  # as a mail server takes it


class AddressForm(forms.Form):
    """An address of another provider than the institution (S-37)."""

    address = forms.EmailField(
        label=_("Email address"),
        max_length=LONGEST,
        widget=forms.EmailInput(attrs={"autocomplete": "email", "autofocus": True}),
        error_messages={
            "required": _("Enter your email address."),
            "invalid": _("This is not an email address. Check it."),
            "max_length": _("This email address is too long. Enter another one."),
        },
    )

    def __init__(self, allowance: Allowance, data: Any = None) -> None:
        super().__init__(data)
        self.allowance = allowance

    def clean_address(self) -> str:
        """The address as mail servers write it; refused when it could not be read while locked out."""
        local, _at, typed = self.cleaned_data["address"].rpartition("@")
        try:
            domain = punycode(typed).lower()
        except UnicodeError:  # a part of it is too long when written in ASCII
            raise self._wrong("max_length") from None
        if any(domain == own.lower() or domain.endswith("." + own.lower()) for own in self.allowance.refused_domains):
            raise forms.ValidationError(Refused("address-of-institution").told)
        if "." not in domain or domain.startswith("["):
            raise self._wrong("invalid")
        if len(address := f"{local}@{domain}") > LONGEST:
            raise self._wrong("max_length")
        return address

    def _wrong(self, code: str) -> forms.ValidationError:
        return forms.ValidationError(self.fields["address"].error_messages[code])
