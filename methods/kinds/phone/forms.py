"""Input of a telephone number."""

from typing import Any

from django import forms
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from accounts.refusals import Refused
from methods.phones import countries, parse


class NumberForm(forms.Form):
    """Country, number and how to be reached (S-45, S-46)."""

    country = forms.ChoiceField(label=_("Country code"))
    number = forms.CharField(
        label=_("Phone number"),
        max_length=40,
        help_text=_("A number that you can answer at any time. You can leave out the first 0."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel-national", "inputmode": "tel", "autofocus": True}),
        error_messages={"required": _("Enter your phone number.")},
    )
    way = forms.ChoiceField(
        label=_("How do you want to be reached?"), choices=[("text", _("Text me a code"))], initial="text", widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = countries(get_language() or "en")
        self.fields["country"] = forms.ChoiceField(label=_("Country code"), choices=choices, initial=choices[0][0])

    def clean(self) -> dict[str, Any]:
        """`phone` is the number as it will be dialled; refused with the reason otherwise."""
        facts = self.cleaned_data
        if "country" in facts and "number" in facts:
            try:
                facts["phone"] = parse(facts["country"], facts["number"])
            except Refused as refusal:
                self.add_error("number", refusal.sentence)
        return facts
