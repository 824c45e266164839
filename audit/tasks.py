"""Thin tasks: what is due stands in the database."""

from celery import shared_task

from audit.seals import leaving, sealing


@shared_task
def seal_events() -> None:
    """Seal what has been recorded."""
    sealing.seal()


@shared_task
def send_heads() -> None:
    """Let the newest head leave the host."""
    leaving.send()
