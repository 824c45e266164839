"""What staff enter: words to search for, and more than the reason where a form needs more."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts.reasons import ReasonForm
from accounts.roles import Powers
from helpdesk.models import CaseKind
from policies.terminations import LONGEST_DAYS, right_to_ask


class SearchForm(forms.Form):
    """One field for all that a caller can say of themselves."""

    q = forms.CharField(label=_("Name, Common ID, address, phone, code or case"), max_length=200, required=False)


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


class EndlessTerminationForm(TerminationForm):
    """For administrators: also without end."""

    without_end = forms.BooleanField(
        label=_("Without end"),
        required=False,
        help_text=_("Only when no date makes sense. It stands among the open exceptions until somebody ends it."),
    )


def form_of(action: str, powers: Powers) -> type[ReasonForm]:
    """The form of an action on an account, for whoever has these powers."""
    if action != "request-termination":
        return ReasonForm
    return EndlessTerminationForm if right_to_ask(without_end=True) in powers.rights else TerminationForm


class CaseNoteForm(ReasonForm):
    """What the caller said, or what is to be done."""

    def __init__(self, data: Any = None, *, code: str) -> None:
        super().__init__(data, code=code)
        self.fields["reason"].label = _("Note")
        self.fields["reason"].error_messages["required"] = _("Write the note first.")


class CloseForm(ReasonForm):
    """What came of a case."""

    def __init__(self, data: Any = None, *, code: str) -> None:
        super().__init__(data, code=code)
        self.fields["reason"].label = _("What came of it")


class CaseForm(CaseNoteForm):
    """A new case: what it is about, and a first note."""

    kind = forms.ChoiceField(label=_("What it is about"))

    def __init__(self, data: Any = None, *, code: str) -> None:
        super().__init__(data, code=code)
        chosen_by_staff = (CaseKind.LOCKED, CaseKind.LOST, CaseKind.END, CaseKind.SIGN_IN, CaseKind.OTHER)
        self.fields["kind"].choices = [(kind.value, kind.label) for kind in chosen_by_staff]  # type: ignore[attr-defined]
        self.order_fields(["kind", "reason"])
