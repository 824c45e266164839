"""Counter mode: the person's own lock-out page shows a code, a clerk sees the ID card and confirms, the pass appears on that page.

Bound to the browser that entered the right password, for as long as that attempt lives, and once (R-164).
"""

import secrets
import unicodedata
from dataclasses import replace
from datetime import timedelta

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.locks import hold
from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import powers, require
from audit.catalogue import EventName
from audit.context import where
from audit.record import record
from methods.challenges import ask, method
from methods.models import Purpose, RegisteredMethod
from methods.registry import passes_by_staff
from methods.usable import listed, passes
from policies.current import current_book
from policies.facts import Circumstances, facts_for
from policies.requirements import Outcome, decide
from signin.binding import unchanged
from signin.models import AttemptState, CounterRequest, SignInAttempt

RIGHT = "counter:confirm"
ALPHABET = "23456789ABCDEFGHJKMNPQRSTVWXYZ"
LENGTH = 8
PASS_LASTS = timedelta(minutes=15)


def read_code(text: str) -> str:
    """The code that was meant: spaces, hyphens and small letters are the clerk's to type."""
    plain = "".join(unicodedata.normalize("NFKC", text[:32]).split()).upper().replace("-", "")
    return plain if len(plain) == LENGTH and set(plain) <= set(ALPHABET) else ""


def helps(account: Account) -> bool:
    """Whether a pass would be let in here and now: it takes the place of a method, and of nothing else that the policy refuses for."""
    book, here = current_book(), Circumstances(sensitive=True, address=where().address)
    with_pass = replace(facts_for(account, listed(account), book, here), has_pass=True)
    return decide(with_pass, book).outcome in {Outcome.PASS, Outcome.VERIFY}


@transaction.atomic
def come(attempt: SignInAttempt) -> CounterRequest:
    """Show a code on this browser's page, the same one for as long as the attempt lives; Refused where a pass would not be let in."""
    account = hold(attempt.account_id)
    if not helps(account):
        raise Refused("counter-no-help")
    known = CounterRequest.objects.filter(attempt=attempt).first()
    if known is not None:
        return known
    code = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return CounterRequest.objects.create(attempt=attempt, code=code, expires_at=attempt.expires_at)


def waiting(code: str, mine: Q) -> CounterRequest | None:
    """The browser that shows this code and has not been confirmed yet; of those that fit `mine`, which the clerk looks after."""
    living = CounterRequest.objects.filter(
        mine, code=code, confirmed_at=None, expires_at__gt=timezone.now(), attempt__state=AttemptState.OPEN
    )
    return living.select_related("attempt__account__affiliation").first() if code else None


@transaction.atomic
def confirm(code: str, *, actor: Account, common_id: str) -> Account:
    """The clerk has seen the card of whoever shows the code, and typed the Common ID that stands on it; once.

    Refused without the right, on one's own account, for people with a role, and when the card is of somebody else.
    """
    require(actor, RIGHT)
    shown = waiting(code, powers(actor).among(RIGHT, "attempt__account__"))
    if shown is None:
        raise Refused("counter-over")
    account = hold(shown.attempt.account_id)
    require(actor, RIGHT, on=account)
    if powers(account).rank > 0:
        raise Refused("counter-not-for-staff")
    if common_id != account.common_id:
        raise Refused("card-of-another")
    now = timezone.now()
    mine = CounterRequest.objects.filter(pk=shown.pk, confirmed_at=None, expires_at__gt=now)
    if not unchanged(shown.attempt, account) or not mine.update(confirmed_by=actor, confirmed_at=now):
        raise Refused("counter-over")
    record(EventName.COUNTER_CONFIRMED, account=account, actor=actor)
    return account


@transaction.atomic
def take(attempt: SignInAttempt) -> tuple[str, RegisteredMethod]:
    """The pass, for the screen of the browser that was confirmed; once. The clerk's right and the policy are asked again.

    Refused("counter-taken") when it has been shown, by another window or a second click: the attempt lives on.
    """
    account = hold(attempt.account_id)
    if CounterRequest.objects.filter(attempt=attempt).exclude(taken_at=None).exists():
        raise Refused("counter-taken")
    if not helps(account):
        raise Refused("counter-no-help")
    now = timezone.now()
    confirmed = CounterRequest.objects.filter(attempt=attempt, taken_at=None, expires_at__gt=now).exclude(confirmed_at=None)
    shown = confirmed.select_related("confirmed_by").first()
    if shown is None or shown.confirmed_by is None or not unchanged(attempt, account) or not confirmed.update(taken_at=now):
        raise Refused("counter-over")
    code = passes_by_staff().hand_over(account, actor=shown.confirmed_by, lifetime=PASS_LASTS, reason="ID card seen at the counter")
    SignInAttempt.objects.filter(pk=attempt.pk, requirement=Outcome.REFUSE).update(requirement=Outcome.PASS.value)
    [issued] = passes(listed(account))
    ask(account, method(issued), purpose=Purpose.SIGN_IN, binding=attempt.binding)
    return code, issued
