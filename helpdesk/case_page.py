"""What the account's page shows of its cases: those that are open, with their notes and forms."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from accounts.badge import Badged
from accounts.models import Account
from accounts.reasons import ReasonForm
from accounts.refusals import Refused
from helpdesk.cases import Note, notes_of
from helpdesk.forms import CaseForm, CaseNoteForm, CloseForm
from helpdesk.models import PENDING, Approval, Case

NEW = "open-case"
SHOWN = 5


@dataclass(frozen=True)
class Shown:
    """One case with what can be done about it."""

    case: Case
    mine: bool
    note_form: ReasonForm
    close_form: ReasonForm

    @property
    def notes(self) -> list[Note]:
        """What was written down in it."""
        return notes_of(self.case)


@dataclass(frozen=True)
class Cases:
    """The open cases of an account, the one to act in first; `obstacle` says why this member of staff may not write in them."""

    open: Sequence[Shown]
    obstacle: str
    form: ReasonForm

    @property
    def has_approvals(self) -> bool:
        """Whether something waits for a second person or for its time."""
        return bool(self.open) and bool(getattr(self.open[0].case, "has_approvals", False))

    @property
    def current(self) -> Case | None:
        """The case in which an action of this member of staff would be taken."""
        return self.open[0].case if self.open else None


def cases_of(request: Badged, account: Account, sent: ReasonForm | None) -> Cases:
    """Those of one account, for its page."""
    pending = Exists(Approval.objects.filter(account=OuterRef("account"), state__in=PENDING))
    rows = Case.objects.filter(account=account, closed_at=None).select_related("owner").annotate(has_approvals=pending)
    found = list(rows.order_by("-opened_at")[:SHOWN])
    found.sort(key=lambda case: (case.owner_id != request.user.pk, case.owner_id is not None))
    obstacle = Refused("own-account").sentence if account.pk == request.user.pk else ""
    return Cases(shown(request, found, sent), obstacle, _form(CaseForm, NEW, sent))


def shown(request: Badged, cases: Sequence[Case], sent: ReasonForm | None) -> list[Shown]:
    """Cases with their notes and forms."""
    return [
        Shown(
            case,
            mine=case.owner_id == request.user.pk,
            note_form=_form(CaseNoteForm, f"note-{case.number}", sent),
            close_form=_form(CloseForm, f"close-{case.number}", sent),
        )
        for case in cases
    ]


def _form(form: type[ReasonForm], code: str, sent: ReasonForm | None) -> ReasonForm:
    return sent if sent and sent.code == code else form(code=code)
