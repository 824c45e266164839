"""Hearing what a device says by itself: the app that was asked, the phone that rang (R-006, R-058).

The device's word is kept on the challenge; the browser that was asked still has to go on, and is judged again then.
"""

import uuid
from collections.abc import Callable
from datetime import timedelta
from enum import StrEnum

from django.db import transaction
from django.utils import timezone

from accounts.budgets import is_held
from accounts.locks import hold
from accounts.models import Account
from accounts.sessions import end, open_badges
from audit.catalogue import EventName
from audit.context import add
from audit.record import record
from methods.answers import count_failure, is_answerable
from methods.challenges import close_all, device_of
from methods.devices import MethodDevice
from methods.models import Challenge, ChallengeState, Ending, Purpose, Report
from methods.notices import tell
from methods.registry import kind
from methods.unknown_requests import pass_on

GO_ON = timedelta(minutes=1)  # how long the browser has to go on after the device said yes


class Said(StrEnum):
    """What a device said."""

    YES = "yes"
    WRONG = "wrong"  # the number did not match; one failure, and the end of the challenge (R-051)
    NO = "no"
    REPORT = "report"  # "No, it's not me"
    MACHINE = "machine"
    NOTHING = "nothing"


ENDINGS = {
    Said.WRONG: Ending.WRONG,
    Said.NO: Ending.DECLINED,
    Said.REPORT: Ending.REPORTED,
    Said.MACHINE: Ending.MACHINE,
    Said.NOTHING: Ending.UNANSWERED,
}


def hear(challenge_id: uuid.UUID, listen: Callable[[Challenge, MethodDevice], Said]) -> Said | None:
    """What the device said to an open challenge, judged by `listen` under the account's lock; None when it is over.

    The transaction is the outermost one, so nothing a caller does afterwards takes a failure back (R-024).
    """
    with transaction.atomic(durable=True):
        account_id = Challenge.objects.filter(pk=challenge_id).values_list("account_id", flat=True).first()
        if account_id is None:
            return None
        account = hold(account_id)
        challenge = Challenge.objects.select_related("method").get(pk=challenge_id)
        _belongs_to_its_attempt(challenge)
        device = _answering(account, challenge)
        if device is None:
            return None
        said = listen(challenge, device)
        _keep(account, challenge, said)
        return said


def _belongs_to_its_attempt(challenge: Challenge) -> None:
    """What is recorded of the device's word belongs to the sign-in that asked it, although another browser says it."""
    what, _colon, number = challenge.binding.partition(":")
    if what == "attempt":
        add(attempt=number)


def _answering(account: Account, challenge: Challenge) -> MethodDevice | None:
    """The device whose answer counts now; a challenge of a held account is over (R-026)."""
    waits = kind(challenge.kind).way(challenge.way).waits
    if not waits or challenge.state != ChallengeState.OPEN or challenge.approved_at or not is_answerable(account, challenge):
        return None
    if is_held(account, timezone.now()) and challenge.purpose != Purpose.CALLER:
        record(EventName.CHALLENGE_HELD, account=account, actor=account, after={"kind": challenge.kind})
        _end(challenge, Ending.HELD)
        return None
    device = device_of(challenge)
    return device if device and device.user_id == account.pk else None


def _keep(account: Account, challenge: Challenge, said: Said) -> None:
    if said is Said.YES:
        now = timezone.now()
        until = max(challenge.expires_at, now + GO_ON)
        Challenge.objects.filter(pk=challenge.pk).update(approved_at=now, expires_at=until)
        record(EventName.CHALLENGE_APPROVED, account=account, actor=account, after=_facts(challenge))
        return
    _end(challenge, ENDINGS[said])
    if said is Said.WRONG:
        count_failure(account, challenge)
    elif said is Said.REPORT:
        _report(account, challenge)
    else:
        record(EventName.CHALLENGE_DECLINED, account=account, actor=account, after=_facts(challenge) | {"problem": ENDINGS[said].value})


def _end(challenge: Challenge, ending: Ending) -> None:
    Challenge.objects.filter(pk=challenge.pk).update(state=ChallengeState.FAILED, ending=ending, answered_at=timezone.now())


def _report(account: Account, challenge: Challenge) -> None:
    """End every sign-in that is under way and the session that asked, tell the person at every address and the help desk (R-054, S-127)."""
    facts = _facts(challenge)
    who = {"by": "staff"} if challenge.purpose == Purpose.CALLER else {"browser": challenge.browser}
    report = Report.objects.create(account=account, challenge=challenge, facts=facts | who)
    record(EventName.CHALLENGE_REPORTED, account=account, actor=account, after=facts)
    pass_on(report)
    count_failure(account, challenge)
    account.methods_version += 1
    account.save(update_fields=["methods_version"])
    close_all(account)
    if challenge.purpose == Purpose.STEP_UP:
        _end_session(account, challenge)
    tell(account, "request-reported", method=facts["name"])


def _end_session(account: Account, challenge: Challenge) -> None:
    """Whoever asks for a fresh verification sits in a session of the account, and it is not the account's holder."""
    asking = [badge for badge in open_badges(account) if challenge.binding == f"session:{badge.uid}"]
    if end(asking, why="request-reported"):
        after = {"session": str(asking[0].uid), "why": "request-reported"}
        record(EventName.SESSION_ENDED, account=account, actor=account, after=after)


def _facts(challenge: Challenge) -> dict[str, str]:
    name = challenge.method.name if challenge.method else ""
    return {"kind": challenge.kind, "purpose": challenge.purpose, "name": name, "asked_from": challenge.address or ""}
