"""Thin tasks: what is due stands in the database."""

from celery import shared_task

from audit import tallies
from audit.out import sending
from audit.retention import months
from audit.seals import leaving, sealing


@shared_task
def seal_events() -> None:
    """Seal what has been recorded."""
    sealing.seal()


@shared_task
def send_heads() -> None:
    """Let the newest head leave the host."""
    leaving.send()


@shared_task
def send_events() -> None:
    """Send what has been sealed to the collectors."""
    sending.send()


@shared_task
def count_events() -> None:
    """Count what has been sealed, for /metrics."""
    tallies.count()


@shared_task
def make_months() -> None:
    """Make tables for the events of the next months."""
    months.make_ahead()
