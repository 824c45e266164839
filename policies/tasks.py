"""Thin tasks: look at the database now. What is in a message can cause nothing that a row does not call for (R-195)."""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import structlog
from celery import shared_task
from django.conf import settings
from kombu.exceptions import OperationalError

from policies import (
    alarms,
    claims,
    comparing,
    ending_kinds,
    hints,
    leavers,
    outages,
    propagation,
    ready_mails,
    replaying,
    restoring,
    returns,
    settling,
    terminations,
)
from policies.clock import database_now

log = structlog.get_logger(__name__)
DAY = 24 * 3600
REPLAY_SECONDS = 120
STRETCH_SECONDS = 120
COMPARING_SECONDS = 3000  # less than the broker waits before it hands a task out again


@shared_task(bind=True)
def release(task: Any) -> None:
    """Wake one worker for each system that has something due, so that a slow one holds up no other.

    Of the hints that came while there was no worker one is enough: each wakes as many again.
    """
    if not task.request.called_directly and hints.has_just_looked():
        return
    terminations.expire()
    returns.look_after()
    ready_mails.tell_ready()
    if not restoring.may_send() or hints.many_unread():
        return
    for code in claims.due_systems():
        _send(release_system, code, queue=hints.QUEUE, expires=settings.MFA_HINT_SECONDS)


@shared_task
def settle_stragglers() -> None:
    """Settle what waits for nothing any more; each confirmation settles by itself, so this is rarely needed."""
    settling.settle_stragglers()
    terminations.close_outdated()


@shared_task
def look_after_leavers() -> None:
    """Suspend, and later remove, the methods of accounts that have left; each in a transaction of its own."""
    leavers.look_after()


@shared_task
def tell_of_endings() -> None:
    """Tell those whose kind of method ends; whoever was told already is not told twice."""
    ending_kinds.tell_those_affected()


@shared_task
def watch() -> None:
    """Tell the administrators of what is not as it should be; a second beat tells nothing twice."""
    restoring.may_send()  # looks around
    outages.look_after()
    alarms.watch()
    _wake(go_on_comparing, comparing.broken_off())


@shared_task
def compare_all() -> None:
    """Have each enabled system compared that was not lately; a second beat starts nothing twice."""
    wake_comparisons(comparing.not_lately())


def wake_comparisons(codes: Iterable[str]) -> bool:
    """Wake one worker for each of these systems; False when there is no broker to take one of them."""
    return _wake(compare_system, codes)


def _wake(task: Any, codes: Iterable[str]) -> bool:
    sent = [_send(task, code, queue="default", expires=DAY) for code in codes]
    return all(sent)


def _send(task: Any, subject: str, **options: Any) -> bool:
    """Hand a task to a worker; False when there is no broker to take it: whoever waits for nobody's answer tries again later."""
    try:
        task.apply_async((subject,), **options)
    except (OperationalError, OSError):
        log.warning("broker unavailable", task=task.name, subject=subject)
        return False
    return True


@shared_task(time_limit=COMPARING_SECONDS, soft_time_limit=COMPARING_SECONDS - 60)
def compare_system(code: str) -> None:
    """Compare one system for a while; changes nothing there. What is left is for the next call, so that no worker is held for long."""
    if comparing.begin(code, seconds=STRETCH_SECONDS):
        _wake(go_on_comparing, [code])


@shared_task(time_limit=COMPARING_SECONDS, soft_time_limit=COMPARING_SECONDS - 60)
def go_on_comparing(code: str) -> None:
    """Go on with what was begun; one message too many begins nothing."""
    if comparing.go_on(code, seconds=STRETCH_SECONDS):
        _wake(go_on_comparing, [code])


@shared_task
def release_system(code: str) -> None:
    """Pass on what is due to one system."""
    propagation.release_system(code)


@shared_task(time_limit=REPLAY_SECONDS * 2, soft_time_limit=REPLAY_SECONDS * 2 - 10)
def replay(uid: str) -> None:
    """Work on a dry run for a while; what is left is for the next call, so that no worker is held for long."""
    if replaying.run(uuid.UUID(uid), until=database_now() + timedelta(seconds=REPLAY_SECONDS)):
        send_replay(uid)


def send_replay(uid: str) -> bool:
    """Hand a dry run to a worker; False when there is no broker to take it."""
    return _send(replay, uid, queue="default")
