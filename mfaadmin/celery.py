"""The Celery app; tasks are thin and live beside the verbs they call."""

import os
from typing import Any

from celery import Celery
from celery.signals import beat_init, setup_logging, worker_init
from django.core.exceptions import ImproperlyConfigured
from django_structlog.celery.steps import DjangoStructLogInitStep

from mfaadmin.starting import refuse_errors

# The project cannot be imported without this line: whoever wants other settings, as manage.py does for the demo, names them before.
os.environ.setdefault("DJANGO_SETTINGS_MODULE", "mfaadmin.settings.production")

app = Celery("mfaadmin")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.steps["worker"].add(DjangoStructLogInitStep)
app.autodiscover_tasks()


@setup_logging.connect
def keep_logging(**kwargs: Any) -> None:
    """Workers and beat log as Django's settings say, not as Celery would."""


@worker_init.connect
@beat_init.connect
def refuse_to_start(**kwargs: Any) -> None:
    """Celery logs what goes wrong here and begins all the same; only being told to exit stops it."""
    try:
        refuse_errors()
    except ImproperlyConfigured as error:
        raise SystemExit(str(error)) from None
