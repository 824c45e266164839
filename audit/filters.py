"""The form above the list of events. What was typed stays in it, also when it cannot be read."""

import unicodedata
from datetime import date, datetime, time, timedelta
from ipaddress import ip_network
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.period import LARGEST_ID
from audit.search import Network, Wanted
from audit.terms import codes_of
from audit.wording import grouped_titles

IPV4_PARTS = 4
YEARS = range(1900, 3000)  # beyond these the reckoning of days and time zones ends
START_AGAIN = _("This page of the list cannot be found. Start again from the newest events.")


def _event_choices() -> list[Any]:
    return [("", gettext("All events")), *grouped_titles()]


class CommonIdField(forms.CharField):
    """A Common ID as anybody may type it: full-width digits and spaces are put right."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=64, required=False, **options)
        self.widget.attrs |= {"placeholder": _("Common ID"), "inputmode": "numeric", "autocomplete": "off"}

    def to_python(self, value: Any) -> str:
        return "".join(unicodedata.normalize("NFKC", super().to_python(value) or "").split())

    def validate(self, value: str) -> None:
        super().validate(value)
        if value:
            users = get_user_model()
            field = users._meta.get_field(users.USERNAME_FIELD)
            field.run_validators(value)  # type: ignore[union-attr]  # a column, not a relation


class DayField(forms.DateField):
    """A day in the time zone of the site; an unreadable one is shown again as it was typed."""

    widget = forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"})

    def to_python(self, value: Any) -> date | None:
        try:
            day = super().to_python(value)
        except ValidationError:
            day = date.min
        if day and day.year not in YEARS:
            wrong = gettext("“%(typed)s” is not a day. Write it like 2026-04-30.")
            raise ValidationError(wrong, params={"typed": str(value)[:40]})
        return day


class CursorField(forms.IntegerField):
    """The id of an event beside which the page begins."""

    widget = forms.HiddenInput

    def __init__(self) -> None:
        said = dict.fromkeys(("invalid", "min_value", "max_value"), START_AGAIN)
        super().__init__(min_value=0, max_value=LARGEST_ID, required=False, error_messages=said)


class NetworkField(forms.CharField):
    """An address, a network such as 192.0.2.0/24, or the beginning of an address, such as 192.0.2."""

    def __init__(self, **options: Any) -> None:
        super().__init__(max_length=50, required=False, **options)
        self.widget.attrs |= {"placeholder": "192.0.2.0/24", "autocomplete": "off"}

    def clean(self, value: Any) -> Any:
        text = "".join(unicodedata.normalize("NFKC", super().clean(value) or "").split())
        try:
            return network_of(text) if text else None
        except ValueError:
            wrong = gettext("“%(typed)s” is not a network. Write it like 192.0.2.0/24 or 2001:db8::/32.")
            raise ValidationError(wrong, params={"typed": text[:40]}) from None


def network_of(text: str) -> Network:
    """The network that was typed; ValueError when it is none."""
    parts = text.rstrip(".").split(".")
    if "/" not in text and ":" not in text and len(parts) < IPV4_PARTS:
        return ip_network(".".join([*parts, *["0"] * (IPV4_PARTS - len(parts))]) + f"/{8 * len(parts)}")
    return ip_network(text, strict=False)


def _kind_choices() -> list[Any]:
    return [("", gettext("All kinds")), *codes_of("kind").items()]


class EventFilter(forms.Form):
    """Which events, and from where in the list."""

    account = CommonIdField(label=_("Account"))
    actor = CommonIdField(label=_("Acted by"))
    approver = CommonIdField(label=_("Approved by"))
    event = forms.ChoiceField(label=_("What happened"), choices=_event_choices, required=False)
    kind = forms.ChoiceField(label=_("Kind of method"), choices=_kind_choices, required=False)
    network = NetworkField(label=_("Address or network"))
    case = forms.CharField(label=_("Case"), max_length=64, required=False, widget=forms.TextInput({"autocomplete": "off"}))
    since = DayField(label=_("Since"), required=False)
    until = DayField(label=_("Until"), required=False)
    before = CursorField()
    after = CursorField()

    def clean(self) -> dict[str, Any]:
        since, until = self.cleaned_data.get("since"), self.cleaned_data.get("until")
        if since and until and until < since:
            self.add_error("until", gettext("The period ends before it begins."))
        for name in {"since", "until"} & self.errors.keys():
            self.fields[name].widget = forms.TextInput()  # a date picker would drop what it cannot read
        return self.cleaned_data

    def wanted(self) -> Wanted:
        """What to look for; the last day counts in full."""
        given = self.cleaned_data
        day_after = given["until"] + timedelta(days=1) if given["until"] else None
        period = _midnight(given["since"]), _midnight(day_after)
        beside = {"kind": given["kind"], "network": given["network"], "case": given["case"], "approver": given["approver"]}
        return Wanted(given["account"], given["actor"], given["event"], *period, **beside)

    def query(self) -> str:
        """The filter as the address of the list has it, without a place in it."""
        return urlencode({name: value for name, value in self.facts().items() if name not in {"before", "after"}})

    def facts(self) -> dict[str, Any]:
        """The filter as the record of this reading keeps it."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value not in (None, "")}


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None


class SavingForm(forms.Form):
    """A name for a filter."""

    name = forms.CharField(label=_("Name of the view"), max_length=60)
    query = forms.CharField(max_length=1000, required=False, widget=forms.HiddenInput)
    shared = forms.BooleanField(label=_("For all auditors"), required=False)

    def clean_query(self) -> str:
        """Only what the filter understands, so that a link leads nowhere else."""
        filtered = EventFilter(QueryDict(self.cleaned_data["query"]))
        if not filtered.is_valid():
            raise ValidationError(gettext("This filter cannot be read. Set it once more."))
        return filtered.query()


class ReasonForm(forms.Form):
    """Why somebody has to see what is masked."""

    reason = forms.CharField(label=_("Reason"), max_length=500, help_text=_("It is recorded with your name."))
