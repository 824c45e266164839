"""Celery: carries hints and sends messages; the database holds every due time (never an ETA)."""

from typing import Any

from celery.schedules import crontab
from kombu import Queue

from mfaadmin.settings.environment import env
from mfaadmin.settings.parts.audit import MFA_EVENTS_SECONDS, MFA_SEAL_SECONDS

MESSAGE_QUEUES = ("sms", "call", "push", "mail")  # by channel: see methods.delivery
CELERY_TASK_QUEUES = [Queue("default"), Queue("propagation"), *(Queue(channel) for channel in MESSAGE_QUEUES)]
CELERY_TASK_DEFAULT_QUEUE = "default"
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_TIME_LIMIT = 600
CELERY_TASK_SOFT_TIME_LIMIT = 540
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_CONNECTION_MAX_RETRIES = None
# A broker that is down or hangs must not hold a page: one try, and the sweep finds the row.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600, "socket_timeout": 5, "socket_connect_timeout": 2, "max_retries": 0}
CELERY_TASK_PUBLISH_RETRY = False
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULER = "mfaadmin.beat:SteadyScheduler"

MFA_SWEEP_SECONDS = env.fraction("MFA_SWEEP_SECONDS", 2.0, "How often beat looks for due work, in seconds.")
# The sender adds this to the time by its clock, and the worker compares that with its own: far more than two clocks differ.
# What is older when workers come back is thrown away unread; the rest is drained within seconds, for most of it finds nothing to do.
MFA_HINT_SECONDS = 3 * 3600


def _hint(task: str, schedule: float | crontab, *arguments: str, queue: str = "default") -> dict[str, Any]:
    """Beat asks for this so often, in seconds or by the clock."""
    return {"task": task, "schedule": schedule, "args": arguments, "options": {"queue": queue, "expires": MFA_HINT_SECONDS}}


NIGHT = 18  # UTC, in Japan
CELERY_BEAT_SCHEDULE = {
    "release-due-deliveries": _hint("policies.tasks.release", MFA_SWEEP_SECONDS, queue="propagation"),
    "settle-stragglers": _hint("policies.tasks.settle_stragglers", 60.0, queue="propagation"),
    **{
        f"send-waiting-{channel}": _hint("methods.tasks.sweep_messages", MFA_SWEEP_SECONDS, channel, queue=channel)
        for channel in MESSAGE_QUEUES
    },
    "seal-events": _hint("audit.tasks.seal_events", MFA_SEAL_SECONDS),
    "make-months-of-events": _hint("audit.tasks.make_months", 43200.0),
    "send-heads": _hint("audit.tasks.send_heads", 30.0),
    "send-events": _hint("audit.tasks.send_events", MFA_EVENTS_SECONDS),
    "count-events": _hint("audit.tasks.count_events", 15.0),
    "watch-texts-and-calls": _hint("methods.tasks.watch_sending", 1800.0),
    "work-on-lists": _hint("helpdesk.tasks.work_on_lists", 10.0),
    "forget-lists": _hint("helpdesk.tasks.forget_lists", 3600.0),
    "look-after-leavers": _hint("policies.tasks.look_after_leavers", 30.0),
    "watch-connected-systems": _hint("policies.tasks.watch", 30.0),
    "compare-connected-systems": _hint("policies.tasks.compare_all", crontab(minute=17, hour=NIGHT)),
    "look-after-campaigns": _hint("campaigns.tasks.look_after", 60.0),
    "tell-of-kinds-that-end": _hint("policies.tasks.tell_of_endings", 3600.0),
    "run-detectors": _hint("review.tasks.run_detectors", crontab(minute=41, hour=NIGHT)),
    "record-searches": _hint("helpdesk.tasks.settle_searches", 10.0),
    "do-what-was-approved": _hint("helpdesk.tasks.carry_out", 30.0),
    "clear-expired-rows": _hint("signin.tasks.clear_expired", 3600.0),
}
