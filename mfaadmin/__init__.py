"""The project. Importing it makes the Celery app known to `shared_task`."""

from mfaadmin.celery import app as celery_app

__all__ = ["celery_app"]
