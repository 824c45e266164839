"""What the account's page shows of its cases: those that are open, with their notes and forms."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import FilteredRelation, Q

from accounts.badge import Badged
from accounts.models import Account
from accounts.reasons import ReasonForm
from accounts.refusals import Refused
from helpdesk.cases import Note, nearest, notes_of
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
    approvals: Sequence[Approval]  # that wait for a second person or for their time, the oldest first


def cases_of(request: Badged, account: Account, sent: ReasonForm | None) -> Cases:
    """Those of one account, for its page."""
    rows = _rows(account, request.user)
    found = [case for case in {case.pk: case for case in rows}.values() if case.is_open][:SHOWN]
    asked = {case.asked.pk: case.asked for case in rows if hasattr(case, "asked") and found and case.pk == found[0].pk}
    waiting = {case.pending.pk: case.pending for case in rows if hasattr(case, "pending")}
    approvals = sorted(waiting.values(), key=lambda one: one.requested_at)
    obstacle = Refused("own-account").foretold if account.pk == request.user.pk else ""
    return Cases(shown(request, found, sent), obstacle, _form(CaseForm, NEW, sent), list(asked.values()), approvals)


def _rows(account: Account, viewer: Account) -> list[Any]:
    """The nearest open cases and those in which something waits: each once for every proof `asked` and approval `pending` in it; one query."""
    first = Case.objects.filter(account=account, closed_at=None).order_by(*nearest(viewer))[:SHOWN]
    pending = FilteredRelation("approvals", condition=Q(approvals__state__in=PENDING))
    rows = Case.objects.filter(account=account).annotate(asked=FilteredRelation("proofs"), pending=pending)
    rows = rows.filter(Q(pk__in=first.values("pk")) | Q(pending__isnull=False))
    related = ("owner", "asked__challenge__method", "asked__decided_by", "pending__requested_by")
    return list(rows.select_related(*related).order_by(*nearest(viewer), "-asked__asked_at", "-asked__pk"))


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
