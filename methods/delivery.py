"""Mails and texts: planned in a verb's transaction, sent after it by a worker (R-220, R-238).

A row is claimed before it is sent. What may have gone out is not repeated unasked when it carries a code: the person
asks again. A mail that only tells something is repeated. Each channel has a queue of its own name, so that a mail server or a
push service that hangs holds up no text.
"""

import time
import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Literal, get_args

import structlog
from celery import current_app
from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone, translation
from kombu.exceptions import OperationalError

from accounts.models import Account
from audit.catalogue import EventName
from audit.record import record
from methods.codes import digest, make_code
from methods.gateways.base import MaybeSent, NeverSent, NotSent
from methods.letters import send_letter
from methods.models import Challenge, ChallengeState, Message, MessageState
from methods.registry import kind

Channel = Literal["sms", "call", "push", "mail"]

log = structlog.get_logger(__name__)
CHANNELS: tuple[Channel, ...] = get_args(Channel)
LEASE = timedelta(seconds=90)
KEEP_TRYING = timedelta(days=2)
BATCH = 50  # of one sweep
LATE = timedelta(seconds=2)  # a page looks every other second, and tells of it within five
TASK = "methods.tasks.deliver"
NOT_DELIVERED = ("undelivered", "failed", "canceled")  # what a provider may report of a text it had taken
NOBODY_WAITS = "challenge closed"  # a newer one took its place, or it was answered: nothing has failed
QUIET_SECONDS = 5


def plan_mail(account: Account, template: str, *, address: str, **facts: object) -> Message:
    """A mail `templates/mail/<template>` to one address of the account."""
    return _plan(
        Message(account=account, channel="mail", template=template, address=address, facts=facts, gives_up_at=timezone.now() + KEEP_TRYING)
    )


def plan_mails(recipients: Iterable[tuple[Account, str]], template: str, **facts: object) -> None:
    """The same mail to many; no hint is given, so that nobody's code waits behind them."""
    gives_up_at = timezone.now() + KEEP_TRYING
    mails = [
        Message(account=one, channel="mail", template=template, address=address, facts=facts, gives_up_at=gives_up_at)
        for one, address in recipients
    ]
    Message.objects.bulk_create(mails)


def plan_asking(challenge: Challenge, template: str, *, channel: Channel) -> Message:
    """What asks for `challenge`: a message with a code, a call, or a push; pointless after it expired."""
    return _plan(
        Message(account=challenge.account, channel=channel, template=template, challenge=challenge, gives_up_at=challenge.expires_at)
    )


def _plan(message: Message) -> Message:
    message.save(force_insert=True)
    transaction.on_commit(lambda: hint(message), robust=True)  # the change is made; a page must not fail over a hint
    return message


class _Broker:
    """When the broker was found to be down; hints are left out for a moment, so that a page waits once at most."""

    quiet_until = 0.0


def hint(message: Message) -> None:
    """Tell a worker to look now; when the broker is down the sweep finds the row."""
    if time.monotonic() < _Broker.quiet_until:
        return
    try:
        current_app.send_task(TASK, args=[str(message.pk)], queue=message.channel, ignore_result=True)
    except (OperationalError, OSError):
        _Broker.quiet_until = time.monotonic() + QUIET_SECONDS
        log.warning("broker unavailable", message=str(message.pk))


def due(channel: Channel) -> list[uuid.UUID]:
    """Messages to send now, or left behind by a worker that died."""
    now = timezone.now()
    left_behind = Q(state=MessageState.SENDING, lease_until__lt=now)
    rows = Message.objects.filter(Q(state=MessageState.WAITING, due_at__lte=now) | left_behind, channel=channel)
    return list(rows.order_by("due_at").values_list("pk", flat=True)[:BATCH])


def sweep(channel: Channel) -> None:
    """Send what no hint brought, for as long as until the next sweep: where each one hangs, sweeps must not take every worker."""
    until = time.monotonic() + settings.MFA_SWEEP_SECONDS
    for message_id in due(channel):
        deliver(message_id)
        if time.monotonic() > until:
            return


def troubles(challenge: uuid.UUID | OuterRef) -> QuerySet[Message, str]:
    """What is wrong with what should ask for a challenge: "failed", so that it did not go out at once or may not have, or "late"."""
    failed = ~Q(state=MessageState.SENT) & ~Q(problem="") | Q(report__in=NOT_DELIVERED)
    late = Q(state__in=[MessageState.WAITING, MessageState.SENDING], due_at__lt=timezone.now() - LATE)
    rows = Message.objects.filter(failed | late, challenge=challenge)
    return (
        rows.annotate(trouble=Case(When(failed, Value("failed")), default=Value("late")))
        .order_by("trouble")
        .values_list("trouble", flat=True)
    )


def deliver(message_id: uuid.UUID) -> None:
    """Send one message if it is due and nobody else is sending it."""
    message = _claim(message_id)
    if message is None:
        return
    with translation.override(message.account.language):
        try:
            provider_id = _send(message)
        except NeverSent as error:
            _finish(message, MessageState.FAILED, problem=error.code)
        except NotSent as error:
            _later(message, error.code)
        except MaybeSent:
            _unsure(message)
        else:
            _finish(message, MessageState.SENT, provider_id=provider_id)


def _claim(message_id: uuid.UUID) -> Message | None:
    now = timezone.now()
    rows = Message.objects.filter(pk=message_id)
    if _is_left_behind(message_id, now):
        return None
    ready = Q(state=MessageState.WAITING, due_at__lte=now) | Q(state=MessageState.SENDING, lease_until__lt=now)
    if not rows.filter(ready).update(state=MessageState.SENDING, lease_until=now + LEASE, attempts=F("attempts") + 1):
        return None
    message = rows.select_related("account", "challenge").get()
    if message.gives_up_at < now:
        _finish(message, MessageState.FAILED, problem="too late")
        return None
    return message


@transaction.atomic
def _is_left_behind(message_id: uuid.UUID, now: datetime) -> bool:
    """Whether the worker that sent a code was lost meanwhile: then nobody knows whether it went out, and it is not sent again."""
    rows = Message.objects.filter(pk=message_id)
    lost = rows.filter(state=MessageState.SENDING, lease_until__lt=now, challenge__isnull=False)
    if not lost.update(state=MessageState.UNSURE, problem="worker lost", lease_until=None):
        return False
    _record_failure(rows.select_related("account").get())
    return True


def _send(message: Message) -> str:
    if message.challenge is None:
        return send_letter(message.account, message.template, address=message.address, facts=message.facts, reference=message.pk)
    known = kind(message.challenge.kind)
    waits = known.way(message.challenge.way).waits
    code = "" if waits else make_code()
    still_open = Challenge.objects.filter(pk=message.challenge.pk, state=ChallengeState.OPEN)
    if not still_open.update(code_digest=digest(message.challenge, code) if code else ""):
        raise NeverSent(NOBODY_WAITS)
    return known.deliver(message.challenge, code)


def _later(message: Message, problem: str) -> None:
    """Try again after a growing pause, as long as it is still of use."""
    again = timezone.now() + timedelta(seconds=min(2**message.attempts, 900))
    if again > message.gives_up_at:
        _finish(message, MessageState.FAILED, problem=problem)
        return
    _claimed(message).update(state=MessageState.WAITING, due_at=again, lease_until=None, problem=problem)


def _unsure(message: Message) -> None:
    if message.challenge is None:
        _later(message, "no answer")
    else:
        _finish(message, MessageState.UNSURE, problem="no answer")


def _claimed(message: Message) -> QuerySet[Message]:
    return Message.objects.filter(pk=message.pk, state=MessageState.SENDING, attempts=message.attempts)


@transaction.atomic
def _finish(message: Message, state: MessageState, *, provider_id: str = "", problem: str = "") -> None:
    sent_at = timezone.now() if state == MessageState.SENT else None
    mine = _claimed(message).update(state=state, provider_id=provider_id, problem=problem, sent_at=sent_at, lease_until=None)
    if mine and state != MessageState.SENT and problem != NOBODY_WAITS:
        message.problem = problem
        _record_failure(message)


def _record_failure(message: Message) -> None:
    after = {"channel": message.channel, "template": message.template, "problem": message.problem, "country": message.country}
    record(EventName.MESSAGE_FAILED, account=message.account, after=after)
