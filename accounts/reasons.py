"""The reason that staff write down for everything they do."""

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


def plain(text: str) -> str:
    """Without control and formatting characters: whoever reads it reads the words in the order in which they stand."""
    return "".join(c for c in text if c == "\n" or unicodedata.category(c)[0] != "C").strip()


class ReasonForm(forms.Form):
    """Why something is done; it is kept with the event."""

    reason = forms.CharField(
        label=_("Reason"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        error_messages={"required": _("Write down why. The reason is kept with the action.")},
    )

    def __init__(self, data: Any = None, *, code: str) -> None:
        super().__init__(data, auto_id=f"{code}_%s")
        self.code = code

    def clean_reason(self) -> str:
        """Plain words, and at least one."""
        text = plain(self.cleaned_data["reason"])
        if not text:
            raise forms.ValidationError(self.fields["reason"].error_messages["required"])
        return text
