"""What administrators enter of a campaign."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from accounts.models import Affiliation
from accounts.reasons import ReasonField
from campaigns.drafting import PLAIN, Content
from campaigns.models import Campaign
from campaigns.schedule import latest_day, today
from policies.members import Bad, id_objection, read_lines, unknown_among

SHOWN_AT_MOST = 10


class CampaignForm(forms.Form):
    """Whom, by when, with which mails, and what happens afterwards."""

    name_en = forms.CharField(label=_("Name in English"), max_length=80)
    name_ja = forms.CharField(label=_("Name in Japanese"), max_length=80)
    affiliations = forms.ModelMultipleChoiceField(
        label=_("Affiliations"), queryset=Affiliation.objects.all(), required=False, widget=forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("Who joins one of them later is asked as well, until the last day."),
    )  # fmt: skip
    lines = forms.CharField(
        label=_("Or a list of accounts"), required=False, help_text=_(
            "Common IDs, one a line, or rows of a spreadsheet that begin with them; up to about 15,000. With a list, affiliations do not count."
        ),
        widget=forms.Textarea(attrs={"rows": 4, "spellcheck": "false"}),
    )  # fmt: skip
    due_on = forms.DateField(label=_("Last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    remind_before = forms.CharField(
        label=_("Reminders, in days before the last day"), required=False, initial="14, 3",
        help_text=_("Such as 14, 3. A mail goes out on the first day and on the last day as well."),
    )  # fmt: skip
    snoozes = forms.IntegerField(label=_("How often it may be put off"), min_value=0, max_value=20, initial=3)
    snooze_days = forms.IntegerField(label=_("For how many days each time"), min_value=1, max_value=30, initial=2)
    second_method = forms.BooleanField(label=_("A second method is asked for"), required=False, initial=True)
    requires = forms.BooleanField(
        label=_("After the last day, verify every sign-in of whoever has not applied"), required=False,
        help_text=_("Nobody is locked out: who has no method registers one, as always. A second administrator has to agree."),
    )  # fmt: skip
    words_en = forms.CharField(label=_("Your words in English"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))
    words_ja = forms.CharField(label=_("Your words in Japanese"), required=False, max_length=2000, widget=forms.Textarea(attrs={"rows": 3}))

    def __init__(self, data: Any = None, *, campaign: Campaign | None = None) -> None:
        super().__init__(data, initial=_initial(campaign) if campaign else None, label_suffix="")
        self.campaign = campaign
        self.accounts: list[str] = []
        if campaign and campaign.people:
            self.fields["lines"].help_text = _("Common IDs, one a line. Left empty, the list stays as it is.")

    def clean_due_on(self) -> date:
        """A day that leaves time."""
        day: date = self.cleaned_data["due_on"]
        if not today() < day <= latest_day():
            raise forms.ValidationError(_("Choose a day after today, within a year."))
        return day

    def clean_remind_before(self) -> list[int]:
        """Numbers of days."""
        words = self.cleaned_data["remind_before"].replace("、", ",").replace("，", ",").split(",")
        given = [word.strip() for word in words if word.strip()]
        if not all(word.isdecimal() and word.isascii() and 0 < int(word) <= 365 for word in given) or len(given) > 10:
            raise forms.ValidationError(_("Give up to ten numbers of days between 1 and 365, with commas between them."))
        return [int(word) for word in given]

    def clean(self) -> dict[str, Any]:
        """Somebody is asked, and all of them are known."""
        given = self.cleaned_data
        good, bad = read_lines((given.get("lines") or "").replace("\t", ","), id_objection)
        unknown = unknown_among(good) if not bad else set()
        bad += [Bad(number, one, _now("There is no such account.")) for number, one in enumerate(good, 1) if one in unknown]
        if bad:
            more = [_now("… and %(count)s more lines.") % {"count": len(bad) - SHOWN_AT_MOST}] if len(bad) > SHOWN_AT_MOST else []
            self.add_error("lines", [*map(str, bad[:SHOWN_AT_MOST]), *more])
        kept = self.campaign is not None and self.campaign.people is not None
        if not (bad or good or given.get("affiliations") or kept):
            self.add_error("affiliations", _("Choose at least one affiliation, or give a list of accounts."))
        self.accounts = good
        return given

    def content(self) -> Content:
        """What was entered."""
        given = self.cleaned_data
        affiliations: Sequence[Affiliation] = list(given["affiliations"])
        plain = {name: given[name] for name in PLAIN}
        return Content(**plain, affiliations=affiliations, accounts=self.accounts, remind_before=given["remind_before"])


class MoveForm(forms.Form):
    """Another last day, and why."""

    due_on = forms.DateField(label=_("New last day"), widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"))
    reason = ReasonField()

    def __init__(self, data: Any = None) -> None:
        super().__init__(data, label_suffix="", auto_id="id_move_%s")


def _initial(campaign: Campaign) -> dict[str, Any]:
    plain = {name: getattr(campaign, name) for name in PLAIN}
    before = ", ".join(str(days) for days in campaign.remind_before)
    return plain | {"affiliations": list(campaign.affiliations.all()), "remind_before": before}
