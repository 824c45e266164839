"""What staff enter: words to search for, and the reason of everything they do."""

import unicodedata
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from policies.terminations import LONGEST_DAYS


class SearchForm(forms.Form):
    """One field for id, name and address."""

    q = forms.CharField(label=_("Common ID, name or mail address"), max_length=200, required=False)


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
        """Without control and formatting characters: whoever approves reads the words in the order in which they stand."""
        text = "".join(c for c in self.cleaned_data["reason"] if c == "\n" or unicodedata.category(c)[0] != "C").strip()
        if not text:
            raise forms.ValidationError(self.fields["reason"].error_messages["required"])
        return text


class NoteForm(ReasonForm):
    """What came of a report."""

    def __init__(self, data: Any = None, *, code: str) -> None:
        super().__init__(data, code=code)
        self.fields["reason"].label = _("What was found and done")


class TerminationForm(ReasonForm):
    """For how long, besides why."""

    days = forms.IntegerField(label=_("For how many days"), min_value=1, max_value=LONGEST_DAYS)

    def __init__(self, data: Any = None, *, code: str) -> None:
        super().__init__(data, code=code)
        self.fields["days"].initial = settings.MFA_TERMINATION_DAYS
