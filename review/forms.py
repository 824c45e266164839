"""What auditors and administrators enter."""

import unicodedata
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from review.detectors.base import Limit, detectors


class RemarkForm(forms.Form):
    """A word on a finding."""

    text = forms.CharField(
        label=_("What was found and done"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={"required": _("Write down what you found. It is kept with the finding.")},
    )

    def clean_text(self) -> str:
        """Without control and formatting characters."""
        text = "".join(c for c in self.cleaned_data["text"] if c == "\n" or unicodedata.category(c)[0] != "C").strip()
        if not text:
            raise forms.ValidationError(self.fields["text"].error_messages["required"])
        return text


def _choices() -> list[Any]:
    return [("", _("All detectors")), *((detector.code, detector.title) for detector in detectors().values())]


class FindingFilter(forms.Form):
    """Which findings, and from where in the list."""

    state = forms.ChoiceField(label=_("State"), choices=[("", _("Open ones")), ("closed", _("Closed ones"))], required=False)
    detector = forms.ChoiceField(label=_("Detector"), choices=_choices, required=False)


class LimitField(forms.FloatField):
    """One limit of a detector."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(
            label=str(limit.label), min_value=limit.lowest, max_value=limit.highest, widget=forms.NumberInput(attrs={"step": "any"})
        )


class LimitsForm(forms.Form):
    """All limits of one detector."""

    def __init__(self, limits: tuple[Limit, ...], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for limit in limits:
            self.fields[limit.name] = LimitField(limit)
