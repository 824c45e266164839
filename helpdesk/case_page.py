"""What the account's page shows of its cases: those that are open, with their notes and forms."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, FilteredRelation, OuterRef

from accounts.badge import Badged
from accounts.models import Account
from accounts.reasons import ReasonForm
from accounts.refusals import Refused
from helpdesk.cases import Note, notes_of
from helpdesk.forms import CaseForm, CaseNoteForm, CloseForm
from helpdesk.models import PENDING, Approval, CallerProof, Case

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
    """The open cases of an account, first the one in which this member of staff would act; `obstacle` says why this member of staff may not write in them."""

    open: Sequence[Shown]
    obstacle: str
    form: ReasonForm
    proofs: Sequence[CallerProof]  # asked for in the first of them, the newest first

    @property
    def has_approvals(self) -> bool:
        """Whether something waits for a second person or for its time."""
        return bool(self.open) and bool(getattr(self.open[0].case, "has_approvals", False))


def cases_of(request: Badged, account: Account, sent: ReasonForm | None) -> Cases:
    """Those of one account, for its page."""
    rows = _rows(account)
    found = list({case.pk: case for case in rows}.values())
    found.sort(key=lambda case: (case.owner_id != request.user.pk, case.owner_id is not None))
    proofs = [case.asked for case in rows if hasattr(case, "asked") and case.pk == found[0].pk]
    obstacle = Refused("own-account").sentence if account.pk == request.user.pk else ""
    return Cases(shown(request, found, sent), obstacle, _form(CaseForm, NEW, sent), proofs)


def _rows(account: Account) -> list[Any]:
    """The newest open cases: each once for every proof `asked` in it, and once where there is none; one query."""
    pending = Exists(Approval.objects.filter(account=OuterRef("account"), state__in=PENDING))
    newest = Case.objects.filter(account=account, closed_at=None).order_by("-opened_at")[:SHOWN]
    rows = Case.objects.filter(pk__in=newest.values("pk")).annotate(has_approvals=pending, asked=FilteredRelation("proofs"))
    related = ("owner", "asked__challenge__method", "asked__decided_by")
    return list(rows.select_related(*related).order_by("-opened_at", "-asked__asked_at", "-asked__pk"))


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
