"""Everything that the page of one account shows: hints are masked, secrets are never here. Whoever is shown it has looked at the account."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import render

from accounts.badge import Badged
from accounts.browsers import recognised
from accounts.locks import locked_until, with_holds
from accounts.models import Account
from accounts.reasons import ReasonForm
from accounts.refusals import Refused
from accounts.roles import Powers, powers_along, with_roles
from accounts.sessions import alive, open_badges
from audit.catalogue import EventName
from audit.record import record
from helpdesk import velocity
from helpdesk.caller_page import calling
from helpdesk.callers import ASK
from helpdesk.case_page import cases_of
from helpdesk.deciding import approval_rows, termination_row
from helpdesk.denials import status_of
from helpdesk.offers import END_SESSION, Situation, offers, why_not
from helpdesk.report_views import reports_of
from helpdesk.risks import RISKS
from helpdesk.saying import on_screen, sayings, spoken
from helpdesk.timeline import timeline
from methods.allowance import allowance_of
from methods.models import MethodState, RegisteredMethod
from methods.naming import shown_name
from methods.registry import kind
from methods.rehearsal import devices
from methods.stepup import has_fresh_proof
from methods.usable import listed
from policies.current import with_book
from policies.planning import enabled_systems
from policies.progress import reached
from policies.standing import Use, standing, use_of

READ = "account:view"


@dataclass(frozen=True)
class Sent:
    """What came back: a form that has to be corrected, or what the verb did not do."""

    form: ReasonForm | None = None
    problem: str = ""


NOTHING_SENT, END_ALL = Sent(), "end-sessions"


def accounts() -> QuerySet[Account]:
    """Accounts with what their page shows of other tables and one row holds: the page takes sixteen queries, whatever is on it, and two more."""
    return with_book(with_holds(with_roles(Account.objects.select_related("affiliation"))))


def account_page(request: Badged, account: Account, sent: Sent = NOTHING_SENT, *, status: int = 200) -> HttpResponse:
    """The page itself, and the answer to each form on it: a look that counts and is recorded (R-165, R-170).

    Whoever looks at more than anybody needs to in a day is stopped, and told whom to ask.
    """
    try:
        is_new = velocity.count(request.user, velocity.VIEW, different=account)
    except Refused as refusal:
        facts = {"problem": refusal.told}
        return render(request, "helpdesk/stopped_staff.html", facts, status=status_of(refusal, request, account))
    facts = facts_of(request, account, sent)
    if is_new or sent is NOTHING_SENT:  # the answer to a form shows again what was looked at
        record(EventName.ACCOUNT_VIEWED, account=account, actor=request.user)
    return render(request, "helpdesk/account.html", facts, status=status)


def facts_of(request: Badged, account: Account, sent: Sent = NOTHING_SENT) -> dict[str, Any]:
    """The template's facts about one account."""
    methods, use, locked, theirs = listed(account), use_of(account), locked_until(account), powers_along(account)
    by_staff = account.locked_at is not None
    rows = reports_of(request, account, theirs, sent.form)
    happened = timeline(account, request.GET)
    stands = standing(methods, use)
    said = sayings(account, stands, locked, reported=any(row.report.settled_at is None for row in rows), seen=on_screen(happened.newest))
    cases = cases_of(request, account, sent.form)
    caller = calling(cases.proofs, methods, request.user)
    now = Situation(by_staff or locked is not None, by_staff, not account.is_active, methods, use, caller.score)
    offered = offers(request, account, theirs, now, sent.form)
    session_obstacle = why_not(END_SESSION, account, request.user, request.powers, theirs)
    return {
        "account": account,
        "sayings": spoken(account, said),
        "reports": rows,
        "cases": cases,
        "caller": caller,
        "caller_obstacle": why_not(ASK, account, request.user, request.powers, theirs),
        "methods": _method_rows(methods, sent.form),
        "method_obstacle": why_not(RISKS["suspend-method"].right, account, request.user, request.powers, theirs),
        "approvals": approval_rows(request, account, theirs, methods, cases.approvals),
        "offers": offered,
        "barrier": _the_same({session_obstacle, *(offer.obstacle for offer in offered)}),
        "timeline": happened,
        "fresh": has_fresh_proof(request),
        "problem": sent.problem,
        "outage": allowance_of(account).outage,
        "sessions": _sessions(account, theirs, sent),
        "session_obstacle": session_obstacle,
        "end_all": sent.form if sent.form and sent.form.code == END_ALL else ReasonForm(code=END_ALL),
        **_use_facts(request, account, theirs, use),
    }


def _the_same(obstacles: set[str]) -> str:
    """What stands in the way of everything alike; said once instead of beside each action."""
    return obstacles.pop() if len(obstacles) == 1 else ""


def _method_rows(methods: Sequence[RegisteredMethod], sent: ReasonForm | None) -> list[dict[str, object]]:
    """Each with what would be left without the device that it lives on."""
    left = {method.pk: device.left for device in devices(methods) for method in device.lost}
    return [_method_row(method, sent) | {"counts": method.pk in left, "left": left.get(method.pk, [])} for method in methods]


def _method_row(method: RegisteredMethod, sent: ReasonForm | None) -> dict[str, object]:
    known, code = kind(method.kind), str(method.pk)
    return {
        "form": sent if sent and sent.code == code else ReasonForm(code=code),
        "icon": known.icon,
        "label": known.verbose_name,
        "method": method,
        "name": shown_name(method),
        "suspended": method.state == MethodState.SUSPENDED,
        "for_sign_in": known.for_sign_in,
    }


def _use_facts(request: Badged, account: Account, theirs: Powers, use: Use) -> dict[str, Any]:
    systems = enabled_systems() if use.live else []
    return {
        "application": use.application,
        "progress": reached(use.application) if use.application else None,
        "closed_to_them": [str(system) for system in systems if system.needs_mfa],
        "termination": termination_row(request, account, theirs, use, systems),
    }


def _sessions(account: Account, theirs: Powers, sent: Sent) -> list[dict[str, Any]]:
    rows = []
    for badge in (badge for badge in open_badges(account) if alive(badge, account, theirs)):
        code = str(badge.uid)
        form = sent.form if sent.form and sent.form.code == code else ReasonForm(code=code)
        rows.append({"badge": badge, "browser": recognised(badge.browser), "form": form})
    return rows
