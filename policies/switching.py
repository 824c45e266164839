"""Switching a version on: by one person where nobody is protected less, by two where somebody is (R-162)."""

from datetime import timedelta

from django.db import transaction

from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import require
from audit.catalogue import EventName
from audit.context import where
from audit.record import record
from methods.challenges import close_kinds
from methods.usable import listed
from policies.allowances import today
from policies.clock import database_now
from policies.current import book_of, current_book
from policies.drafting import RIGHT, hold_open
from policies.facts import Circumstances, facts_for
from policies.loosening import Loosening, loosenings
from policies.models import PolicyVersion
from policies.models.versions import Subject, VersionState
from policies.requirements import Outcome, decide
from policies.rulebook.method_rules import kinds_refused
from policies.rulebook.starting import method_rules
from policies.stranding import now_without, stranded
from policies.two_people import check_two
from policies.weakening import Weakening, weakenings

OPEN_FOR = timedelta(hours=24)


@transaction.atomic
def switch_on(seen: int, *, actor: Account | None, reason: str, without: int = 0) -> PolicyVersion:
    """Put the draft in force, or have it wait for a second person when it protects anybody less.

    Refused to whom the new version would not let sign in again from where they are, and unless `without` is how many people it leaves
    without any usable method at once. `actor` None is whoever runs the machine,
    who needs nobody else: they could change the database.
    """
    if actor is not None:
        require(actor, RIGHT, reason=reason)
    draft = hold_open()
    if draft is None or draft.state != VersionState.DRAFT:
        raise Refused("draft-gone")
    if draft.edits != seen:
        raise Refused("draft-changed")
    _keep_in(draft, actor)
    old, new = current_book(), book_of(draft)
    draft.strands = now_without(stranded(old, new, today()))
    if draft.strands != without:
        raise Refused("people-left-without", count=draft.strands)
    found = [*map(as_json, weakenings(old, new, today=today())), *map(loosened, loosenings(old, new, today=today()))] if actor else []
    now = database_now()
    draft.reason, draft.asked_by, draft.asked_at = reason.strip(), actor, now
    draft.asked_over, draft.weakens = old.number, found
    if not found:
        return _put_in_force(draft, actor=actor)
    draft.state, draft.expires_at = VersionState.WAITING, now + OPEN_FOR
    draft.save()
    after = {"policy": draft.number, "weakens": len(found)}
    record(EventName.POLICY_REQUESTED, actor=actor, reason=draft.reason, after=after)
    return draft


def as_json(one: Weakening) -> dict[str, object]:
    """What is kept of a weakening, for whoever decides on it."""
    if one.before is None or one.after is None or one.facts is None:
        return {}
    facts = {name: sorted(value) if isinstance(value, frozenset) else value for name, value in vars(one.facts).items()}
    return {
        "before": {"rule": one.before.rule, "outcome": one.before.outcome, "strong": one.before.strong},
        "after": {"rule": one.after.rule, "outcome": one.after.outcome, "strong": one.after.strong},
        "facts": facts,
    }


def loosened(one: Loosening) -> dict[str, object]:
    """What is kept of a loosening."""
    if one.person is None:
        return {}
    person = {name: sorted(value) if isinstance(value, frozenset) else value for name, value in vars(one.person).items()}
    return {"more": list(one.more), "before": one.before.name_en, "after": one.after.id, "person": person}


def _keep_in(draft: PolicyVersion, actor: Account | None) -> None:
    """Nobody locks themselves out: it would be theirs to undo."""
    if actor is None:
        return
    book = book_of(draft)
    decided = decide(facts_for(actor, listed(actor), book, Circumstances(sensitive=True, address=where().address)), book)
    if decided.outcome is not Outcome.VERIFY:
        raise Refused("would-lock-you-out")


def _put_in_force(version: PolicyVersion, *, actor: Account | None) -> PolicyVersion:
    now, before_it = database_now(), method_rules(current_book())
    old = PolicyVersion.objects.select_for_update().filter(subject=Subject.REQUIREMENTS, state=VersionState.IN_FORCE).first()
    if old is not None:
        old.state, old.replaced_at = VersionState.REPLACED, now
        old.save(update_fields=["state", "replaced_at"])
    version.state, version.decided_by, version.in_force_at = VersionState.IN_FORCE, actor, now
    version.save()
    close_kinds(kinds_refused(before_it, method_rules(book_of(version)), today()))
    before = {"policy": old.number if old else 0}
    after: dict[str, object] = {"policy": version.number}
    if version.asked_by and version.asked_by != actor:
        after |= {"requested_by": version.asked_by.common_id, "approved_by": actor.common_id if actor else ""}
    record(EventName.POLICY_SWITCHED_ON, actor=actor, reason=version.reason, before=before, after=after)
    return version


def _waiting() -> PolicyVersion:
    version = hold_open()
    if version is None or version.state != VersionState.WAITING:
        raise Refused("nothing-waits")
    return version


@transaction.atomic
def approve(number: int, seen: int, *, actor: Account) -> PolicyVersion:
    """Put in force what was asked for and `seen`, counted by its edits; Refused to whoever asked, and when anything has changed since."""
    require(actor, RIGHT)
    version = _waiting()
    if version.number != number or version.expires_at is None or version.expires_at <= database_now():
        raise Refused("nothing-waits")
    check_two(version.asked_by, actor, RIGHT, own="own-policy", lost="policy-requester-may-not")
    if version.edits != seen:
        raise Refused("draft-changed")
    if current_book().number != version.asked_over:
        raise Refused("policy-outdated")
    _keep_in(version, actor)
    if now_without(stranded(current_book(), book_of(version), today())) > version.strands:
        raise Refused("more-left-without")
    return _put_in_force(version, actor=actor)


@transaction.atomic
def refuse(*, actor: Account) -> PolicyVersion:
    """Make a draft again of what waits; whoever asked may take it back. Who has read the request has not read the next one."""
    require(actor, RIGHT)
    version = _waiting()
    version.edits += 1
    version.state, version.expires_at, version.weakens, version.strands = VersionState.DRAFT, None, [], 0
    version.save(update_fields=["state", "expires_at", "weakens", "strands", "edits"])
    record(EventName.POLICY_REFUSED, actor=actor, after={"policy": version.number})
    return version
