"""Thin tasks."""

from celery import shared_task

from review import searching


@shared_task
def run_detectors(search_id: int | None = None) -> None:
    """Look for what auditors should look into, or go on looking."""
    searching.run(search_id)
