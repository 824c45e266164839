"""Input of a security key: its answer as JSON, put there by the page's script."""

from django import forms
from django.utils.translation import gettext_lazy as _

from methods.forms import NameField

LONGEST_ANSWER = 8192


class KeyForm(forms.Form):
    """What a key answered."""

    code = forms.CharField(
        max_length=LONGEST_ANSWER,
        strip=False,
        widget=forms.HiddenInput(attrs={"autocomplete": "off"}),
        error_messages={
            "required": _("The security key was not asked. That needs JavaScript: turn it on for this site, or choose another method."),
            "max_length": _("The answer of the security key is too long. Try again, or use another key."),
        },
    )


class NewKeyForm(KeyForm):
    """The answer of a new key, and what to call it."""

    name = NameField(label=_("Name"), required=False, help_text=_("For your own list, such as “on my key ring”. You can leave it empty."))
