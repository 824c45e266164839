"""The steps between the password and the session. Each advances on positive evidence alone (R-007)."""

import hashlib
import secrets
import uuid
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django.utils.crypto import constant_time_compare, salted_hmac

from accounts.budgets import PASSWORD, clear, drawn_on, forgive, is_held
from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from accounts.sessions import Verified, open_session
from audit.catalogue import EventName
from audit.context import add, where
from audit.record import record
from methods.answers import Judged, Proof, Question, answer
from methods.challenges import Asked, ask, issue, method
from methods.models import Challenge, Ending, Purpose, RegisteredMethod
from methods.options import Option
from methods.registry import kind, sign_in_kinds
from methods.usable import listed, only_usable
from policies.requirements import Outcome, decide, facts_for
from signin.models import AttemptState, SignInAttempt
from signin.password import Proved

SENSITIVE = "/security-info/"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _password_digest(account: Account) -> str:
    return salted_hmac("signin.attempt", account.password, algorithm="sha256").hexdigest()


def begin(proved: Proved, *, next_path: str) -> tuple[SignInAttempt, str] | None:
    """Open an attempt for an account whose password was right, and ask its default method; returns the cookie's token.

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
        usable = only_usable(registered)
        had = account.recovery_until is not None or any(one.kind in sign_in_kinds() for one in registered)
        sensitive = next_path.startswith(SENSITIVE)
        facts = facts_for(account, usable=len(usable), had_methods=had, sensitive=sensitive, address=here.address)
        requirement = decide(facts)
        attempt = SignInAttempt.objects.create(
            token_digest=_digest(token),
            account=account,
            requirement=requirement.outcome.value,
            rule=requirement.rule,
            next_path=next_path,
            password_digest=_password_digest(account),
            password_budget=next((budget.key for budget in drawn if budget.scope == PASSWORD.scope and budget.failures), ""),
            epoch=account.epoch,
            methods_version=account.methods_version,
            address=here.address,
            browser=here.browser,
            expires_at=timezone.now() + timedelta(minutes=settings.SIGNIN_ATTEMPT_MINUTES),
        )
        add(attempt=str(attempt.pk))
        record(EventName.PASSWORD_ACCEPTED, account=account, actor=account, after={"rule": requirement.rule})
        if requirement.outcome is Outcome.VERIFY:
            with suppress(Refused):  # held, or too much was sent: the page of the options says so
                issue(account, method(usable[0]), purpose=Purpose.SIGN_IN, binding=attempt.binding)
        if requirement.outcome is Outcome.REFUSE:
            record(EventName.SIGNIN_REFUSED, account=account, actor=account, after={"rule": requirement.rule})
    return attempt, token


def living(token: str) -> SignInAttempt | None:
    """The attempt of this browser while nothing it was based on has changed (R-003, R-005, R-006)."""
    if not token:
        return None
    found = SignInAttempt.objects.filter(token_digest=_digest(token), state=AttemptState.OPEN, expires_at__gt=timezone.now())
    attempt = found.select_related("account__affiliation").first()
    if attempt is None or not _unchanged(attempt, attempt.account):
        return None
    add(attempt=str(attempt.pk))
    return attempt


def why_over(token: str) -> str:
    """Why this browser's attempt has ended, as a refusal's code."""
    attempt = SignInAttempt.objects.filter(token_digest=_digest(token)).first()
    reported = attempt and Challenge.objects.filter(binding=attempt.binding, ending=Ending.REPORTED).exists()
    return "request-reported" if reported else "attempt-over"


def _unchanged(attempt: SignInAttempt, account: Account) -> bool:
    same = (attempt.epoch, attempt.methods_version) == (account.epoch, account.methods_version)
    return same and account.is_active and constant_time_compare(attempt.password_digest, _password_digest(account))


def choose(attempt: SignInAttempt, chosen: Option, *, again: bool = False) -> Challenge:
    """Ask in this way instead; Refused as `methods.challenges.ask` refuses."""
    return ask(attempt.account, method(chosen.method, chosen.way.code), purpose=Purpose.SIGN_IN, binding=attempt.binding, again=again)


def verify(request: HttpRequest, attempt: SignInAttempt, asked: Asked, code: str) -> Judged:
    """Judge the second factor; when it passed, the attempt is spent for a session in the same transaction.

    A wrong code that reaches the cap ends the attempt: the password is asked again (R-032).
    """

    def spend(account: Account, proof: Proof) -> None:
        if attempt.requirement != Outcome.VERIFY:
            raise Refused("attempt-over")
        _spend(request, attempt, account, proof.verified())

    judged = answer(attempt.account_id, code, Question(Purpose.SIGN_IN, attempt.binding, asked), then=spend)
    if judged.held_until:
        abandon(attempt)
    return judged


def complete(request: HttpRequest, attempt: SignInAttempt) -> None:
    """Spend an attempt that needs no verification now: allowed without one, or a first method was just registered.

    Refused when there is no such evidence.
    """
    with transaction.atomic(durable=True):
        account = hold(attempt.account_id)
        verified = None
        if attempt.requirement == Outcome.REGISTER and attempt.registered_method:
            verified = _registered(attempt.registered_kind, attempt.registered_method)
        elif attempt.requirement != Outcome.ALLOW:
            raise Refused("attempt-over")
        _spend(request, attempt, account, verified)
        if verified and forgive(account):
            account.save(update_fields=["failures", "holds", "held_until"])


def _registered(code: str, method_id: uuid.UUID) -> Verified:
    device = kind(code).device_model.objects.filter(method=method_id, confirmed=True).first()
    if device is None:
        raise Refused("attempt-over")
    return Verified(code, method_id, timezone.now(), device.persistent_id)


def _spend(request: HttpRequest, attempt: SignInAttempt, account: Account, verified: Verified | None) -> None:
    """One attempt opens one session (I1, I3); called in the transaction that holds the account's lock."""
    if not _unchanged(attempt, account) or (account.mfa_asked_here and verified is None):
        raise Refused("attempt-over")
    mine = SignInAttempt.objects.filter(pk=attempt.pk, state=AttemptState.OPEN, expires_at__gt=timezone.now())
    if not mine.update(state=AttemptState.DONE):
        raise Refused("attempt-over")
    open_session(request, account, rule=attempt.rule, attempt=attempt.pk, verified=verified)
    if attempt.password_budget:
        clear(PASSWORD, attempt.password_budget)
    after = {"rule": attempt.rule, "verified_with": verified.kind if verified else "", "method": str(verified.method) if verified else ""}
    record(EventName.SIGNIN_SUCCEEDED, account=account, actor=account, after=after)


def note_registration(attempt: SignInAttempt, account: Account, registered: RegisteredMethod) -> None:
    """Keep as evidence what was registered in the interrupt; in the transaction that registered it."""
    mine = SignInAttempt.objects.filter(pk=attempt.pk, state=AttemptState.OPEN, methods_version=account.methods_version - 1)
    evidence: dict[str, Any] = {"methods_version": account.methods_version}
    if kind(registered.kind).for_sign_in:
        evidence |= {"registered_kind": registered.kind, "registered_method": registered.pk}
    if not mine.update(**evidence):
        raise Refused("attempt-over")


def needs_address(account: Account) -> bool:
    """Whether the first registration still asks for a recovery address (S-36, C-03)."""
    return settings.MFA_FIRST_REGISTRATION_EMAIL and not account.recovery_address_confirmed_at


@transaction.atomic
def abandon(attempt: SignInAttempt) -> None:
    """End an attempt without a session."""
    if SignInAttempt.objects.filter(pk=attempt.pk, state=AttemptState.OPEN).update(state=AttemptState.OVER):
        record(EventName.SIGNIN_ABANDONED, account=attempt.account, actor=attempt.account)


def clear_expired() -> int:
    """Remove attempts that ended more than a day ago; events tell what happened."""
    return SignInAttempt.objects.filter(expires_at__lt=timezone.now() - timedelta(days=1)).delete()[0]
