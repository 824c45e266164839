"""Everything that the page of one account shows: hints are masked, secrets are never here."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from accounts.badge import Badged
from accounts.browsers import recognised
from accounts.locks import locked_until
from accounts.models import Account
from accounts.reasons import ReasonForm
from accounts.roles import Powers, powers
from accounts.sessions import alive, open_badges
from audit.catalogue import EventName
from audit.models import Event
from audit.wording import sentence, wording
from helpdesk.caller_page import calling
from helpdesk.callers import ASK, proofs_of
from helpdesk.case_page import cases_of
from helpdesk.models import PENDING, Approval
from helpdesk.offers import END_SESSION, Situation, offers, why_not
from helpdesk.report_views import reports_of
from helpdesk.risks import RISKS
from helpdesk.saying import in_callers_language, sayings
from methods.models import MethodState, RegisteredMethod
from methods.registry import kind
from methods.sent import lately
from methods.stepup import is_fresh
from methods.usable import listed
from policies.progress import reached
from policies.standing import Use, standing, use_of
from policies.states import ApplicationState
from policies.terminations import open_termination

EVENTS_SHOWN = 8


@dataclass(frozen=True)
class Sent:
    """What came back: a form that has to be corrected, or what the verb did not do."""

    form: ReasonForm | None = None
    problem: str = ""


NOTHING_SENT = Sent()


def facts_of(request: Badged, account: Account, sent: Sent = NOTHING_SENT) -> dict[str, Any]:
    """The template's facts about one account."""
    methods, use, locked, theirs = listed(account), use_of(account), locked_until(account), powers(account)
    by_staff = account.locked_at is not None
    rows = reports_of(request, account, theirs, sent.form)
    said = sayings(account, standing(methods, use), locked, reported=any(row.report.settled_at is None for row in rows))
    cases = cases_of(request, account, sent.form)
    caller = calling(proofs_of([cases.current]) if cases.current else [], methods)
    offered = offers(request, account, theirs, Situation(by_staff or locked is not None, by_staff, methods, use, caller.score), sent.form)
    session_obstacle = why_not(END_SESSION, account, request.user, request.powers, theirs)
    return {
        "account": account,
        "sayings": said,
        "say_translated": in_callers_language(account, said[0]),
        "reports": rows,
        "cases": cases,
        "caller": caller,
        "caller_obstacle": why_not(ASK, account, request.user, request.powers, theirs),
        "methods": [_method_row(method, sent.form) for method in methods],
        "method_obstacle": why_not(RISKS["suspend-method"].right, account, request.user, request.powers, theirs),
        "approvals": _approvals(account) if cases.has_approvals else [],
        "messages_sent": lately(account),
        "offers": offered,
        "barrier": _the_same({session_obstacle, *(offer.obstacle for offer in offered)}),
        "events": [_event_row(event) for event in _last_events(account)],
        "fresh": is_fresh(request.badge),
        "problem": sent.problem,
        "sessions": _sessions(account, theirs, sent),
        "session_obstacle": session_obstacle,
        **_use_facts(account, use),
    }


def _the_same(obstacles: set[str]) -> str:
    """What stands in the way of everything alike; said once instead of beside each action."""
    return obstacles.pop() if len(obstacles) == 1 else ""


def _method_row(method: RegisteredMethod, sent: ReasonForm | None) -> dict[str, object]:
    known, code = kind(method.kind), str(method.pk)
    return {
        "form": sent if sent and sent.code == code else ReasonForm(code=code),
        "icon": known.icon,
        "label": known.verbose_name,
        "method": method,
        "suspended": method.state == MethodState.SUSPENDED,
        "for_sign_in": known.for_sign_in,
    }


def _approvals(account: Account) -> list[dict[str, object]]:
    """What waits for a second person, or for its time."""
    pending = Approval.objects.filter(account=account, state__in=PENDING).select_related("requested_by").order_by("requested_at")
    return [{"approval": one, "label": RISKS[one.action].label} for one in pending]


def _use_facts(account: Account, use: Use) -> dict[str, Any]:
    on_its_way = use.live is not None and use.live.state != ApplicationState.IN_EFFECT
    return {
        "application": use.application,
        "progress": reached(use.live) if use.live and on_its_way else None,
        "termination": open_termination(account) if use.termination_open else None,
    }


def _sessions(account: Account, theirs: Powers, sent: Sent) -> list[dict[str, Any]]:
    rows = []
    for badge in (badge for badge in open_badges(account) if alive(badge, account, theirs)):
        code = str(badge.uid)
        form = sent.form if sent.form and sent.form.code == code else ReasonForm(code=code)
        rows.append({"badge": badge, "browser": recognised(badge.browser), "form": form})
    return rows


def _last_events(account: Account) -> QuerySet[Event]:
    """Without the views of this page, among which the rest would be lost."""
    return Event.objects.filter(account_id=account.pk).exclude(name=EventName.ACCOUNT_VIEWED).order_by("-pk")[:EVENTS_SHOWN]


def _event_row(event: Event) -> dict[str, object]:
    tone = wording(event).severity.value
    reason = f"“{event.reason}”" if event.reason else ""
    return {"when": event.at, "text": sentence(event), "who": reason, "detail": event.address, "tone": tone}
