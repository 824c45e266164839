"""The reason that staff write down for everything they do."""

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _


def plain(text: str) -> str:
    """Without control and formatting characters: whoever reads it reads the words in the order in which they stand."""
    return "".join(c for c in text if c == "\n" or unicodedata.category(c)[0] != "C").strip()


class ReasonField(forms.CharField):
    """Plain words, and at least one; they are kept with the event, and a second person may read them."""

    default_error_messages = {"required": _("Write down why. The reason is kept with the action.")}

    def __init__(self) -> None:
        super().__init__(label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}))

    def to_python(self, value: Any) -> str:
        """Nothing, where there was no word in it."""
        return plain(super().to_python(value) or "")


class ReasonForm(forms.Form):
    """Why something is done."""

    reason = ReasonField()

    def __init__(self, data: Any = None, *, code: str) -> None:
        super().__init__(data, auto_id=f"{code}_%s")
        self.code = code
