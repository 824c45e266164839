"""Input of the first two pages."""

import re

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from signin.password import canonical


class IdForm(forms.Form):
    """Who."""

    common_id = forms.CharField(
        label=_("Common ID"),
        max_length=64,
        help_text=_("The 10-digit number on your card."),
        error_messages={"required": _("Enter your Common ID.")},
        widget=forms.TextInput(attrs={"autocomplete": "username", "inputmode": "numeric", "autofocus": True, "spellcheck": "false"}),
    )

    def clean_common_id(self) -> str:
        """The id as it is written in the directory."""
        common_id = canonical(self.cleaned_data["common_id"])
        if not re.fullmatch(settings.MFA_ACCOUNT_ID_PATTERN, common_id, re.ASCII):
            raise forms.ValidationError(_("This is not a Common ID. It has 10 digits."))
        return common_id


class PasswordForm(forms.Form):
    """The password for an id that was entered on the page before."""

    common_id = forms.CharField(max_length=64, widget=forms.HiddenInput(attrs={"autocomplete": "username"}))
    password = forms.CharField(
        label=_("Password"),
        max_length=1024,
        strip=False,
        error_messages={"required": _("Enter your password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )


class NumberForm(forms.Form):
    """The number of the student or staff card."""

    number = forms.CharField(
        label=_("Student or staff number"),
        max_length=64,
        help_text=_("As it stands on your card. The support desk may ask for it when you call."),
        error_messages={"required": _("Enter your student or staff number.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autofocus": True, "spellcheck": "false"}),
    )
