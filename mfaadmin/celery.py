"""The Celery app; tasks are thin and live beside the verbs they call."""

import os
from typing import Any

from celery import Celery
from celery.signals import setup_logging
from django_structlog.celery.steps import DjangoStructLogInitStep

# The project cannot be imported without this line: whoever wants other settings, as manage.py does for the demo, names them before.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mfaadmin.settings.production")

app = Celery("mfaadmin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()


@setup_logging.connect
def keep_logging(**kwargs: Any) -> None:
    """Workers and beat log as Django's settings say, not as Celery would."""
