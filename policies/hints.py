"""Hints that wake workers: lost or doubled they do no harm, and they are never more than workers read."""

from math import inf
from time import monotonic
from typing import Any

from celery import current_app
from django.conf import settings
from kombu.exceptions import OperationalError

QUEUE = "propagation"
MANY = 20  # below it each system that is due has one among them before long


class Looked:
    """When this process last looked for what is due, by its monotonic clock."""

    at = -inf


def has_just_looked() -> bool:
    """Whether it was less than half a sweep ago: then this hint has waited in the broker beside the one before."""
    now = monotonic()
    if now - Looked.at < settings.MFA_SWEEP_SECONDS / 2:
        return True
    Looked.at = now
    return False


def many_unread() -> bool:
    """Whether hints come faster than workers read them: more would only make each wait longer. False when the broker cannot say."""
    pool: Any = current_app.pool
    with pool.acquire(block=True) as line:
        try:
            return bool(line.default_channel.queue_declare(QUEUE, passive=True).message_count > MANY)
        except (OperationalError, OSError, *line.connection_errors, *line.channel_errors):  # a queue that is empty is not there
            return False
