"""The form above the list of events. What was typed stays in it, also when it cannot be read."""

import unicodedata
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from audit.search import LARGEST_ID, Wanted
from audit.wording import grouped_titles

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


class EventFilter(forms.Form):
    """Which events, and from where in the list."""

    account = CommonIdField(label=_("Account"))
    actor = CommonIdField(label=_("Acted by"))
    event = forms.ChoiceField(label=_("What happened"), choices=_event_choices, required=False)
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
        return Wanted(given["account"], given["actor"], given["event"], _midnight(given["since"]), _midnight(day_after))

    def facts(self) -> dict[str, Any]:
        """The filter as the record of this reading keeps it."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value not in (None, "")}


def _midnight(day: date | None) -> datetime | None:
    return timezone.make_aware(datetime.combine(day, time.min)) if day else None
