"""Input of an app password's name."""

from django import forms
from django.utils.translation import gettext_lazy as _

from methods.forms import NameField


class NewAppPasswordForm(forms.Form):
    """What it is for, so that its owner knows which one to delete."""

    name = NameField(
        label=_("Name"),
        help_text=_("The program and the device, such as “mail on my laptop”."),
        error_messages={"required": _("Enter a name, so that you know later which one to delete.")},
    )
