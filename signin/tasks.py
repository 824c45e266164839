"""Housekeeping, from beat."""

from celery import shared_task

from methods import challenges
from signin import flow


@shared_task
def clear_expired() -> None:
    """Remove what has long expired."""
    flow.clear_expired()
    challenges.clear_expired()
