"""The steps between the password and the session. Each advances on positive evidence alone (R-007)."""

import secrets
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.budgets import PASSWORD, clear, drawn_on, forgive, is_held
from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from accounts.sessions import Decided, Verified, open_session
from audit.catalogue import EventName
from audit.context import add, where
from audit.record import record
from methods.answers import Judged, Proof, Question, answer
from methods.challenges import Asked, ask, is_withdrawn, issue, method
from methods.models import Challenge, ChallengeState, Ending, Purpose, RegisteredMethod
from methods.notices import tell_staff
from methods.options import Option, options
from methods.registry import kind
from methods.usable import listed, only_usable, passes, phishing_resistant, recovery_addresses
from policies.facts import Circumstances, facts_now
from policies.requirements import Outcome, decide
from signin.binding import digest, password_digest, unchanged
from signin.interrupt import open_registration, open_registration_by_pass
from signin.models import AttemptState, SignInAttempt
from signin.password import Proved

SENSITIVE = "/security-info/"


@dataclass(frozen=True)
class Begun:
    """An attempt, the token of its cookie, and why nothing could be asked, if so."""

    attempt: SignInAttempt
    token: str
    not_asked: Refused | None = None


def begin(proved: Proved, *, next_path: str) -> Begun | None:
    """Open an attempt for an account whose password was right, and ask its default method.

    None while passwords are held, and when the account has changed since its password was compared.
    """
    here, token = where(), secrets.token_urlsafe(32)
    with transaction.atomic(durable=True):
        account, drawn = hold(proved.account.pk), drawn_on(*proved.things)
        if not account.is_active or account.password != proved.account.password:
            return None
        if any(is_held(budget, timezone.now()) for budget in drawn):
            record(EventName.PASSWORD_HELD, account=account)
            return None
        registered = listed(account)
        facts, book = facts_now(account, registered, Circumstances(next_path.startswith(SENSITIVE), here.address))
        requirement, kept = decide(facts, book), facts.as_json(book)
        attempt = SignInAttempt.objects.create(
            token_digest=digest(token),
            account=account,
            requirement=requirement.outcome.value,
            rule=requirement.rule,
            strong=requirement.strong,
            facts=kept,
            next_path=next_path,
            password_digest=password_digest(account),
            password_budget=next((budget.key for budget in drawn if budget.scope == PASSWORD.scope and budget.failures), ""),
            epoch=account.epoch,
            methods_version=account.methods_version,
            address=here.address,
            browser=here.browser,
            expires_at=timezone.now() + timedelta(minutes=settings.SIGNIN_ATTEMPT_MINUTES),
        )
        add(attempt=str(attempt.pk))
        said = {"reported": requirement.reported} if requirement.reported else {}
        after = {"rule": requirement.rule, "sensitive": facts.sensitive, "facts": kept} | said
        record(EventName.PASSWORD_ACCEPTED, account=account, actor=account, after=after)
        askable = _askable(attempt, registered)
        not_asked = _ask_first(account, askable[0], binding=attempt.binding) if askable else None
        if requirement.outcome is Outcome.REFUSE:
            record(EventName.SIGNIN_REFUSED, account=account, actor=account, after={"rule": requirement.rule, "strong": requirement.strong})
    return Begun(attempt, token, not_asked)


def _ask_first(account: Account, default: RegisteredMethod, *, binding: str) -> Refused | None:
    """Ask as its owner chose; where that is refused, for a code that the same device makes by itself (S-122)."""
    chosen, *others = options([default])
    refused = None
    for one in [chosen, *(other for other in others if not other.way.is_asked_first)]:
        try:
            issue(account, method(default, one.way.code), purpose=Purpose.SIGN_IN, binding=binding)
        except Refused as refusal:
            refused = refused or refusal
        else:
            return None
    return refused


def _askable(attempt: SignInAttempt, registered: Sequence[RegisteredMethod]) -> list[RegisteredMethod]:
    outcome = attempt.requirement
    verifying = only_usable(registered) if outcome == Outcome.VERIFY else []
    if attempt.strong:
        verifying = phishing_resistant(verifying)
    addresses = recovery_addresses(registered) if outcome == Outcome.ADDRESS else []
    return verifying + addresses + (passes(registered) if outcome in {Outcome.VERIFY, Outcome.PASS, Outcome.ADDRESS} else [])


def askable(attempt: SignInAttempt) -> list[RegisteredMethod]:
    """What this attempt may be continued with, the default first: methods to verify with, a recovery address, a Temporary Access Pass."""
    return _askable(attempt, listed(attempt.account))


def living(token: str) -> SignInAttempt | None:
    """The attempt of this browser while nothing it was based on has changed (R-003, R-005, R-006)."""
    if not token:
        return None
    found = SignInAttempt.objects.filter(token_digest=digest(token), state=AttemptState.OPEN, expires_at__gt=timezone.now())
    attempt = found.select_related("account__affiliation").first()
    if attempt is None or not unchanged(attempt, attempt.account):
        return None
    add(attempt=str(attempt.pk))
    return attempt


def why_over(token: str) -> str:
    """Why this browser's attempt has ended, as a refusal's code."""
    attempt = SignInAttempt.objects.filter(token_digest=digest(token)).first()
    reported = attempt and Challenge.objects.filter(binding=attempt.binding, ending=Ending.REPORTED).exists()
    return "request-reported" if reported else "attempt-over"


def choose(attempt: SignInAttempt, chosen: Option, *, again: bool = False) -> Challenge:
    """Ask in this way instead; Refused as `methods.challenges.ask` refuses."""
    return ask(attempt.account, method(chosen.method, chosen.way.code), purpose=Purpose.SIGN_IN, binding=attempt.binding, again=again)


def was_withdrawn(attempt: SignInAttempt) -> bool:
    """Whether what this browser was asked last was closed because its kind is not accepted any more."""
    last = Challenge.objects.filter(account=attempt.account, binding=attempt.binding, purpose=Purpose.SIGN_IN).order_by("-asked_at").first()
    return last is not None and last.state == ChallengeState.CLOSED and is_withdrawn(attempt.account, kind(last.kind), Purpose.SIGN_IN)


def verify(request: HttpRequest, attempt: SignInAttempt, asked: Asked, code: str) -> Judged:
    """Judge the second factor; when it passed, the attempt is spent for a session in the same transaction.

    A wrong code that reaches the cap ends the attempt: the password is asked again (R-032).
    """

    def spend(account: Account, proof: Proof) -> None:
        known = kind(proof.challenge.kind)
        if known.opens_registration:
            open_registration_by_pass(attempt, account)
            return
        if attempt.requirement == Outcome.ADDRESS and known.reaches_owner and _decided_now(attempt, account) == Outcome.ADDRESS:
            open_registration(attempt, account, after=EventName.RECOVERY_ADDRESS_PROVED)
            return
        if attempt.requirement != Outcome.VERIFY or not is_enough(attempt, proof.challenge.kind):
            raise Refused("attempt-over")
        _spend(request, attempt, account, proof.verified())

    judged = answer(attempt.account_id, code, Question(Purpose.SIGN_IN, attempt.binding, asked), then=spend)
    if judged.held_until:
        abandon(attempt)
    return judged


def is_enough(attempt: SignInAttempt, code: str) -> bool:
    """Whether this kind of method is as strong as the attempt asks for."""
    return not attempt.strong or kind(code).phishing_resistant


def complete(request: HttpRequest, attempt: SignInAttempt) -> None:
    """Spend an attempt that needs no verification now: allowed without one, or a first method was just registered.

    Refused when there is no such evidence.
    """
    with transaction.atomic(durable=True):
        account = hold(attempt.account_id)
        verified = None
        if attempt.requirement == Outcome.REGISTER and attempt.registered_method and is_enough(attempt, attempt.registered_kind):
            verified = _registered(attempt.registered_kind, attempt.registered_method)
        elif attempt.requirement != Outcome.ALLOW or _decided_now(attempt, account) != Outcome.ALLOW:
            raise Refused("attempt-over")
        _spend(request, attempt, account, verified)
        if verified and forgive(account):
            account.save(update_fields=["failures", "holds", "held_until"])


def _decided_now(attempt: SignInAttempt, account: Account) -> Outcome:
    """What is asked at the moment in which less than a verification opens something: policy and account may have changed since."""
    at = Circumstances(attempt.next_path.startswith(SENSITIVE), where().address)
    return decide(*facts_now(account, listed(account), at)).outcome


def _registered(code: str, method_id: uuid.UUID) -> Verified:
    device = kind(code).device_model.objects.filter(method=method_id, confirmed=True).first()
    if device is None:
        raise Refused("attempt-over")
    return Verified(code, method_id, timezone.now(), device.persistent_id)


def _spend(request: HttpRequest, attempt: SignInAttempt, account: Account, verified: Verified | None) -> None:
    """One attempt opens one session (I1, I3); called in the transaction that holds the account's lock."""
    if not unchanged(attempt, account):
        raise Refused("attempt-over")
    mine = SignInAttempt.objects.filter(pk=attempt.pk, state=AttemptState.OPEN, expires_at__gt=timezone.now())
    if not mine.update(state=AttemptState.DONE):
        raise Refused("attempt-over")
    open_session(request, account, decided=Decided(attempt.pk, attempt.rule, attempt.facts), verified=verified)
    if attempt.password_budget:
        clear(PASSWORD, attempt.password_budget)
    after = {"rule": attempt.rule, "verified_with": verified.kind if verified else "", "method": str(verified.method) if verified else ""}
    if attempt.facts.get("outage"):
        after["outage"] = attempt.facts["outage"]
    record(EventName.SIGNIN_SUCCEEDED, account=account, actor=account, after=after)
    if account.common_id in settings.MFA_BREAK_GLASS:
        record(EventName.BREAK_GLASS_USED, account=account, actor=account)
        tell_staff(
            ("administrator", "auditor", "senior-helpdesk"), "break-glass-used", who=account.common_id, network=where().address or ""
        )


@transaction.atomic
def abandon(attempt: SignInAttempt) -> None:
    """End an attempt without a session."""
    if SignInAttempt.objects.filter(pk=attempt.pk, state=AttemptState.OPEN).update(state=AttemptState.OVER):
        record(EventName.SIGNIN_ABANDONED, account=attempt.account, actor=attempt.account)


def clear_expired() -> int:
    """Remove attempts that ended more than a day ago; events tell what happened."""
    return SignInAttempt.objects.filter(expires_at__lt=timezone.now() - timedelta(days=1)).delete()[0]
