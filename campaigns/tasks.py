"""Thin tasks: look at the database now."""

import structlog
from celery import shared_task
from django.conf import settings
from kombu.exceptions import OperationalError

from campaigns import running

log = structlog.get_logger(__name__)


@shared_task
def look_after() -> None:
    """Go on with every running campaign."""
    running.look_after()


def wake() -> None:
    """Have a worker look now; when there is no broker, beat does within a minute."""
    try:
        look_after.apply_async((), queue="default", expires=settings.MFA_HINT_SECONDS)
    except (OperationalError, OSError):
        log.warning("broker unavailable")
