"""Input of a pass."""

from django import forms
from django.utils.translation import gettext_lazy as _

from methods.forms import CodeInput
from methods.kinds.access_pass.passes import read_pass


class PassForm(forms.Form):
    """A Temporary Access Pass as people type it."""

    code = forms.CharField(
        label=_("Temporary Access Pass"),
        max_length=64,
        help_text=_("Twelve letters and digits that the support desk gave you."),
        error_messages={"required": _("Enter your Temporary Access Pass.")},
        widget=CodeInput(attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false", "autofocus": True}),
    )

    def clean_code(self) -> str:
        """The pass without what is only there for reading it."""
        code = read_pass(self.cleaned_data["code"])
        if not code:
            raise forms.ValidationError(_("A Temporary Access Pass has twelve letters and digits. Enter all of them."))
        return code
