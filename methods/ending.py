"""Methods that end by themselves: a Temporary Access Pass, an app password, a phone that has been replaced."""

import uuid
from collections.abc import Iterable
from itertools import islice

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.locks import hold
from accounts.models import Account
from audit.catalogue import EventName
from audit.record import record
from audit.terms import name_codes
from methods.contract import MethodKind
from methods.lifecycle import prefer, take_away, why_it_stays
from methods.models import Challenge, ChallengeState, MethodState, RegisteredMethod
from methods.notices import tell
from methods.registry import kind, kinds
from methods.usable import for_sign_in, listed, only_usable, self_sufficient

BATCH = 500
name_codes("why", {"last-method": _("no other could take its place")})


def end_expired() -> int:
    """Remove what has ended; one account at a time, so that it may be stopped anywhere. Returns how many."""
    over = RegisteredMethod.objects.filter(expires_at__lte=timezone.now()).exclude(state=MethodState.REMOVED)
    return sum(_end(pk, account) for pk, account in over.order_by("expires_at").values_list("pk", "account_id")[:BATCH])


@transaction.atomic
def _end(method_id: uuid.UUID, account_id: int) -> bool:
    account = hold(account_id)
    methods = listed(account)
    method = next((one for one in methods if one.pk == method_id), None)
    if method is None or method.expires_at is None or method.expires_at > timezone.now():
        return False
    rest = [one for one in methods if one.pk != method.pk]
    others = only_usable(rest)
    if why_it_stays(account, method, others) or _is_last(method, rest):
        _keep(account, method)
        return False
    take_away(method)
    if method.is_default and (next_ones := self_sufficient(others)):
        prefer(account, next_ones[0])
    before = {"method": str(method.pk), "kind": method.kind, "name": method.name}
    record(EventName.METHOD_ENDED, account=account, before=before)
    if kind(method.kind).for_sign_in:
        account.methods_version += 1
        account.save(update_fields=["methods_version"])
    if kind(method.kind).for_sign_in or kind(method.kind).ends_with_use:
        tell(account, kind(method.kind).mail_when_ended, method=method.name)
    return True


def _keep(account: Account, method: RegisteredMethod) -> None:
    """Let a method stay whose place nothing has taken, and say so."""
    RegisteredMethod.objects.filter(pk=method.pk).update(expires_at=None)
    after = {"method": str(method.pk), "kind": method.kind, "name": method.name, "why": "last-method"}
    record(EventName.METHOD_KEPT, account=account, after=after)
    tell(account, "method-kept", method=f"{method.name} {method.hint}".strip())


def _is_last(method: RegisteredMethod, others: list[RegisteredMethod]) -> bool:
    """Whether nothing would be left to verify with: then the password alone would register the next method, and nobody chose that."""
    return bool(for_sign_in([method])) and not for_sign_in(others)


def end_with_use(account: Account, *, why: str) -> int:
    """Take away what is of use only while MFA use goes on as it is, at once (R-126). Called under the account's lock."""
    return _take_each(account, [method for method in listed(account) if kind(method.kind).ends_with_use], why)


def _take_each(account: Account, methods: Iterable[RegisteredMethod], why: str) -> int:
    taken = list(methods)
    for method in taken:
        take_away(method)
        before = {"method": str(method.pk), "kind": method.kind, "name": method.name}
        record(EventName.METHOD_ENDED, account=account, before=before, after={"why": why})
        tell(account, kind(method.kind).mail_when_ended, method=method.name)
    return len(taken)


def end_outdated() -> int:
    """The same where all that was open ended without a word to their owner: the account left, or the site came back from a backup."""
    return sum(_end_outdated(known, account) for known in kinds() for account in _owners(known))


def _owners(known: MethodKind) -> list[int]:
    return list(islice(dict.fromkeys(method.account_id for method in known.outdated()), BATCH))


@transaction.atomic
def _end_outdated(known: MethodKind, account_id: int) -> int:
    account = hold(account_id)
    return _take_each(account, known.outdated(account), "left" if account.left_at else "all-ended")


def end_what_waits() -> None:
    """Every code that was asked for, every open question and every Temporary Access Pass: after a restore they may have been used already."""
    Challenge.objects.filter(state=ChallengeState.OPEN).update(state=ChallengeState.CLOSED)
    passes = [known.code for known in kinds() if known.opens_registration]
    RegisteredMethod.objects.filter(kind__in=passes).exclude(state=MethodState.REMOVED).update(expires_at=timezone.now())
