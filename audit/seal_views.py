"""What auditors see of the seals: the newest head to compare and copy, and the proof of one event to print or take along."""

import base64
import json
from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any

import structlog
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from audit.catalogue import EventName
from audit.event_views import of_one_event
from audit.filters import ReasonForm
from audit.masking import masked_facts
from audit.models import Event, Outlet, Seal
from audit.record import record, record_about
from audit.seals import exporting, proving, rows, sealing, tree, verifying
from audit.seals.keys import public_keys
from audit.seals.sealing import unpacked
from audit.views import for_auditors, reader

LATE = timedelta(minutes=5)
log = structlog.get_logger(__name__)


@require_safe
@for_auditors
def seals(request: HttpRequest) -> HttpResponse:
    """The newest head, what no seal holds yet, and whether heads leave."""
    record(EventName.EVENTS_READ, actor=reader(request), after={"path": request.path})
    young = verifying.young()
    facts = {
        "seal": sealing.newest(),
        "young": young,
        "late": bool(young.since and timezone.now() - young.since > LATE),
        "keys": [(name, base64.b64encode(key).decode()) for name, key in public_keys().items()],
        "outlets": Outlet.objects.order_by("name"),
    }
    return render(request, "audit/seals.html", facts)


def if_as_sealed(view: Callable[[HttpRequest, Event, Seal | None], HttpResponse]) -> Callable[[HttpRequest, Event], HttpResponse]:
    """Give the view the seal of the event, if there is one yet. Of what is not as it was sealed nothing is shown, and the page says so."""

    @wraps(view)
    def held(request: HttpRequest, event: Event) -> HttpResponse:
        seal, fault = proving.standing(event)
        if fault is None:
            return view(request, event, seal)
        log.error("an event that cannot be proved", event_id=str(event.uid), row=event.pk, fault=fault, seal=seal and seal.number)
        record(EventName.EVENTS_READ, actor=reader(request), after={"event": str(event.uid)})
        return render(request, "audit/no_proof.html", {"event": event, "seal": seal, "fault": fault}, status=409)

    return held


@require_safe
@for_auditors
@of_one_event
@if_as_sealed
def proof(request: HttpRequest, event: Event, seal: Seal | None) -> HttpResponse:
    """The proof of one event, for paper, telephone numbers masked; without a seal yet, the page says so."""
    record(EventName.EVENTS_READ, actor=reader(request), after={"event": str(event.uid)})
    return _proof_page(request, event, seal, ReasonForm())


@require_http_methods(["GET", "HEAD", "POST"])
@for_auditors
@of_one_event
@if_as_sealed
def proof_file(request: HttpRequest, event: Event, seal: Seal | None) -> HttpResponse:
    """The same proof as a file that tools/verify_audit.py checks: to the byte, and so with numbers in full, for a reason that is recorded."""
    if seal is None:
        raise Http404
    facts = _facts(event, seal)
    if masked_facts(facts) != facts:
        if request.method != "POST":
            return redirect("audit:proof", event.uid)
        form = ReasonForm(request.POST)
        if not form.is_valid():
            record(EventName.EVENTS_READ, actor=reader(request), after={"event": str(event.uid)})
            return _proof_page(request, event, seal, form, status=400)
        record_about(event, EventName.EVENTS_REVEALED, actor=reader(request), reason=form.cleaned_data["reason"])
    record(EventName.EVENTS_EXPORTED, actor=reader(request), after={"event": str(event.uid)})
    content = b"".join(line + b"\n" for line in exporting.chosen([event.pk]))
    name = f'attachment; filename="proof-{event.uid}.jsonl"'
    return HttpResponse(content, content_type="application/jsonl", headers={"Content-Disposition": name})


def _proof_page(request: HttpRequest, event: Event, seal: Seal | None, form: ReasonForm, status: int = 200) -> HttpResponse:
    shown = {"event": event, "seal": seal} | (_proved(event, seal) if seal else {})
    return render(request, "audit/proof.html", shown | {"form": form}, status=status)


def _facts(event: Event, seal: Seal) -> dict[str, Any]:
    """What was sealed of it."""
    return rows.facts(dict(rows.chosen([event.pk], seal.form))[event.pk])


def _proved(event: Event, seal: Seal) -> dict[str, Any]:
    ids = unpacked(seal.event_ids)
    place = ids.index(event.pk)
    path = tree.path(tree.levels(tree.cut(bytes(seal.leaves))), place)
    facts = _facts(event, seal)
    pairs = [
        (_("Number of the event"), seal.first + place),
        (_("Seal"), f"{seal.number} ({seal.first}–{seal.last})"),
        (_("Root of the seal"), seal.root),
        (_("Id of the key"), seal.key),
        (_("Signature"), seal.signature),
    ]
    shown = masked_facts(facts)
    said = json.dumps(shown, ensure_ascii=False, indent=1, sort_keys=True)
    return {"pairs": pairs, "path": [one.hex() for one in path], "said": said, "hides": shown != facts, "head": seal.head.line().decode()}
