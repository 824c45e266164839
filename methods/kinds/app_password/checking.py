"""Whether a connected system may let a program in with an app password (R-125, R-126). Asked anew each time: what has ended is refused at once."""

import re
import unicodedata
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.budgets import APP_PASSWORD, APP_PASSWORD_NETWORK, UNKNOWN, Thing, count_failure, drawn_on, is_held
from accounts.models import Account
from audit.catalogue import EventName
from audit.record import record
from methods.allowance import allowance_of
from methods.callers import Caller
from methods.kinds.app_password.models import AppPasswordDevice
from methods.kinds.app_password.secret import read_secret
from methods.models import MethodState, RegisteredMethod
from methods.tokens import digest_of

NOTED_EVERY = timedelta(minutes=1)


def accepts(caller: Caller, typed: str, text: str, *, network: str) -> bool:
    """Whether `text` is a living app password of the account `typed`; `network` is the program's, as far as the system tells it.

    A wrong one counts on what the account and the program's network may fail at this system: budgets of their own, so that a
    forgotten program keeps nobody from signing in here. While they are held nothing more is counted or recorded; what is right is let
    in all the same: nobody guesses 140 random bits, and whoever sends wrong ones could keep the owner's programs out.
    """
    common_id = _canonical(typed)
    account = Account.objects.filter(common_id=common_id).first() if common_id else None
    device = _living(account, text)
    things = _things(caller, account, common_id, network)
    with transaction.atomic(durable=True):
        if device is not None:
            _note(caller, device, network)
        elif not any(is_held(budget, timezone.now()) for budget in drawn_on(*things)):
            _count(caller, account, things, network)
        return device is not None


def _canonical(typed: str) -> str:
    plain = "".join(unicodedata.normalize("NFKC", typed[:64]).split())
    return plain if re.fullmatch(settings.MFA_ACCOUNT_ID_PATTERN, plain, re.ASCII) else ""


def _living(account: Account | None, text: str) -> AppPasswordDevice | None:
    """Looked up whoever asks for whom, so that it takes as long."""
    mine = AppPasswordDevice.objects.filter(digest=digest_of(read_secret(text)), confirmed=True)
    device = mine.select_related("user", "method").first()
    return device if device and account and device.user_id == account.pk and _lives(device) else None


def _lives(device: AppPasswordDevice) -> bool:
    """While the account may be used and uses MFA, app passwords are allowed to it, and nothing has ended all that was open since."""
    account, method = device.user, device.method
    if method is None or method.state != MethodState.ACTIVE or method.expires_at is None:
        return False
    lives = account.is_active and account.methods_needed and device.epoch == account.epoch and method.expires_at > timezone.now()
    return lives and allowance_of(account).allows(method.kind)


def _things(caller: Caller, account: Account | None, common_id: str, network: str) -> list[Thing]:
    """Per system and network, so that strangers elsewhere use up nothing of the owner's."""
    whose = str(account.pk) if account else UNKNOWN + digest_of(common_id)[:16]
    mine = (APP_PASSWORD, f"{whose}:{digest_of(f'{caller.code} {network}')[:40]}")
    return [mine, (APP_PASSWORD_NETWORK, network)] if network else [mine]


def _count(caller: Caller, account: Account | None, things: list[Thing], network: str) -> None:
    """The first of a row is recorded; the others only count."""
    if count_failure(*things) and account and drawn_on(things[0])[0].failures == 1:
        after = {"system": caller.name} | ({"asked_from": network} if network else {})
        record(EventName.APP_PASSWORD_REFUSED, account=account, after=after)


def _note(caller: Caller, device: AppPasswordDevice, network: str) -> None:
    """When and where it was used last. A mail program asks every few minutes: one event a day and system says as much."""
    now, last, there = timezone.now(), device.last_used_at, device.last_used_in == caller.code
    if device.method is None or (last and there and now - last < NOTED_EVERY):
        return
    AppPasswordDevice.objects.filter(pk=device.pk).update(last_used_at=now, last_used_in=caller.code)
    RegisteredMethod.objects.filter(pk=device.method.pk).update(last_proven_at=now)
    if last is None or not there or last.date() != now.date():
        after = {"system": caller.name, "kind": device.method.kind, "name": device.method.name} | (
            {"asked_from": network} if network else {}
        )
        record(EventName.APP_PASSWORD_USED, account=device.user, after=after)
