"""Input of a telephone number."""

import unicodedata
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from phonenumbers import PhoneNumberType, number_type

from accounts.refusals import Refused
from methods.allowance import Allowance
from methods.contract import MethodKind
from methods.kinds.phone.models import Slot
from methods.phones import countries, parse

WAYS = {"text": _("Text me a code"), "call": _("Call me")}


class ExtensionField(forms.CharField):
    """Digits to dial once the switchboard has answered."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Extension"),
            required=False,
            max_length=10,
            validators=[RegexValidator(r"^[0-9]{1,10}$", _("An extension consists of digits alone."))],
            help_text=_("Only if you are reached through a switchboard: it is dialled after the switchboard has answered."),
            widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "tel-extension"}),
        )

    def to_python(self, value: Any) -> Any:
        return unicodedata.normalize("NFKC", str(super().to_python(value)))


class NumberForm(forms.Form):
    """Country, number, extension and how to be reached, each only where it is a question (S-45, S-46, S-62, S-63)."""

    country = forms.ChoiceField(label=_("Country code"))
    number = forms.CharField(
        label=_("Phone number"),
        max_length=40,
        help_text=_("A number that you can answer at any time. You can leave out the first 0."),
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel-national", "inputmode": "tel", "autofocus": True}),
        error_messages={"required": _("Enter your phone number.")},
    )

    def __init__(self, kind: MethodKind, allowance: Allowance, data: Any = None) -> None:
        super().__init__(data)
        self.kind, self.allowance = kind, allowance
        choices = countries(allowance)
        self.fields["country"] = forms.ChoiceField(label=_("Country code"), choices=choices, initial=choices[0][0])
        if kind.code == Slot.OFFICE:
            self.fields["extension"] = ExtensionField()
        if len(kind.ways) > 1:
            ways = [(way.code, WAYS[way.code]) for way in kind.ways]
            label = _("How do you want to be reached?")
            self.fields["way"] = forms.ChoiceField(label=label, choices=ways, initial=ways[0][0], widget=forms.RadioSelect)

    def clean(self) -> dict[str, Any]:
        """`phone` is the number as it will be dialled; refused with the reason otherwise."""
        facts = self.cleaned_data
        if "country" in facts and "number" in facts and "extension" not in self.errors:
            try:
                facts["phone"] = self._phone(facts)
            except Refused as refusal:
                self.add_error("extension" if refusal.code == "mobile-with-extension" else "number", refusal.told)
        return facts

    def _phone(self, facts: dict[str, Any]) -> Any:
        number = parse(facts["country"], facts["number"], facts.get("extension", ""), allowance=self.allowance)
        if facts.get("way") == "text" and number_type(number) == PhoneNumberType.FIXED_LINE:
            raise Refused("number-without-texts")
        return number
