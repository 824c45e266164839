"""Thin tasks."""

from celery import shared_task

from review import searching


@shared_task
def run_detectors() -> None:
    """Look for what auditors should look into."""
    searching.run()
