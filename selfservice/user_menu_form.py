"""The form at the bottom of "multi-factor authentication setting"."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from policies.applications import TEXT_VERSION
from policies.models import ConnectedSystem


class UseForm(forms.Form):
    """Yes or no, the version of the instructions that was read, and a tick where something open will be cut (S-88)."""

    use = forms.ChoiceField(
        label=gettext_lazy("Use MFA"),
        choices=[("yes", gettext_lazy("Yes")), ("no", gettext_lazy("No"))],
        widget=forms.RadioSelect,
        initial="no",
    )
    signed_out = forms.BooleanField(required=False)
    text_version = forms.CharField(widget=forms.HiddenInput, initial=TEXT_VERSION, max_length=32)

    def __init__(self, *args: Any, cut: Sequence[ConnectedSystem], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if cut:
            names = ", ".join(str(system) for system in cut)
            self.fields["signed_out"].label = _("I have saved my work and signed out of: %(systems)s") % {"systems": names}
        else:
            del self.fields["signed_out"]

    def clean(self) -> dict[str, Any]:
        """The tick is needed only by those who say yes."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("use") == "yes" and "signed_out" in self.fields and not cleaned.get("signed_out"):
            self.add_error("signed_out", _("Sign out there first, then tick this box: what is open there will be cut."))
        return cleaned
