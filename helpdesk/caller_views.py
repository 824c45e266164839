"""Asking who is on the telephone, judging the answer, and confirming for a colleague."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.badge import Badged
from accounts.reasons import ReasonForm
from accounts.refusals import Refused
from helpdesk import callers, reading
from helpdesk.actions import ask_caller
from helpdesk.caller_page import ShownProof
from helpdesk.denials import account_or_404, looked_after, status_of
from helpdesk.models import CallerProof
from helpdesk.page import Sent, account_page
from helpdesk.risks import SORTS
from methods.answers import Outcome
from methods.gate import acts, for_staff, works
from methods.stepup import has_fresh_proof

PAGE, CONFIRM = "helpdesk:account", "caller:card"
SAID = {
    Outcome.WRONG: gettext_lazy("The code is not right. Nothing is confirmed; ask anew, and be careful with this caller."),
    Outcome.WAITING: gettext_lazy("The device has not answered yet."),
    Outcome.WITHDRAWN: gettext_lazy("Methods of this kind prove nothing any more, by the method policy. Ask for another proof."),
}


@acts(callers.ASK, page=PAGE)
def ask(request: Badged, common_id: str) -> HttpResponse:
    """Ask for one proof; a case is opened where there is none."""
    account = account_or_404(request, callers.ASK, common_id)
    try:
        ask_caller(account, _what(request), actor=request.user)
    except Refused as refusal:
        return account_page(request, account, Sent(problem=refusal.told), status=status_of(refusal, request, account))
    return redirect(f"{request.path.removesuffix('ask-caller/')}#caller")


def _what(request: Badged) -> tuple[uuid.UUID, str] | str:
    try:
        return uuid.UUID(request.POST.get("method", "")), request.POST.get("way", "")
    except ValueError:
        return request.POST.get("sort", "")


@works(callers.ASK)
def judge(request: Badged, proof_id: int) -> HttpResponse:
    """What the device said, or what the caller read back."""
    proof = _proof(request, callers.ASK, proof_id)
    account = proof.case.account
    try:
        judged = callers.judge(proof, request.POST.get("code", ""), actor=request.user)
    except Refused as refusal:
        if account is not None:
            status_of(refusal, request, account)
        messages.error(request, refusal.told)
    else:
        if judged.proof:
            messages.success(request, _("Confirmed: %(proof)s.") % {"proof": SORTS[proof.sort].label})
        else:
            messages.warning(request, SAID.get(judged.outcome, _("This question is over. Ask anew.")))
    return redirect(PAGE, account.common_id) if account else redirect("helpdesk:case", proof.case.number)


@require_safe
@for_staff(callers.ASK)
def waiting(request: Badged, proof_id: int) -> HttpResponse:
    """The part of the page that waits for a device."""
    return render(request, "helpdesk/proof_waiting.html", {"one": _shown(_proof(request, callers.ASK, proof_id))})


@require_safe
@for_staff(CONFIRM)
def confirmations(request: Badged) -> HttpResponse:
    """What others asked somebody like this to confirm."""
    return _page(request)


@acts(CONFIRM, page="helpdesk:confirmations")
def attest(request: Badged, proof_id: int) -> HttpResponse:
    """Say whether it is the person."""
    proof = _proof(request, CONFIRM, proof_id)
    account = proof.case.account
    form = ReasonForm(request.POST, code=str(proof.pk))
    if account is None or not form.is_valid():
        return _page(request, form, status=400)
    try:
        callers.attest(proof, actor=request.user, reason=form.cleaned_data["reason"], seen=request.POST.get("seen") == "yes")
    except Refused as refusal:
        return _page(request, form, problem=refusal.told, status=status_of(refusal, request, account))
    messages.success(request, _("Your word stands in the case."))
    return redirect("helpdesk:confirmations")


def _proof(request: Badged, right: str, proof_id: int) -> CallerProof:
    related = ("case__account__affiliation", "challenge__method")
    proof = get_object_or_404(CallerProof.objects.select_related(*related), pk=proof_id)
    if proof.case.account is not None:
        looked_after(request, right, proof.case.account)
    return proof


def _shown(proof: CallerProof) -> ShownProof:
    return ShownProof(proof, SORTS[proof.sort])


def _page(request: Badged, sent: ReasonForm | None = None, *, problem: str = "", status: int = 200) -> HttpResponse:
    found = callers.to_confirm(request.user, request.powers)[:50]
    rows = [(_shown(proof), sent if sent and sent.code == str(proof.pk) else ReasonForm(code=str(proof.pk))) for proof in found]
    facts = {"rows": rows, "problem": problem, "fresh": has_fresh_proof(request)}
    reading.note(request, [proof.case.account for proof in found])
    return render(request, "helpdesk/confirmations.html", facts, status=status)
