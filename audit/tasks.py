"""Thin tasks: what is due stands in the database."""

from celery import shared_task

from audit.seals import sealing


@shared_task
def seal_events() -> None:
    """Seal what has been recorded."""
    sealing.seal()
