"""Celery: carries hints and sends messages; the database holds every due time (never an ETA)."""

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

MFA_SWEEP_SECONDS = env.fraction("MFA_SWEEP_SECONDS", 2.0, "How often beat looks for due work, in seconds.")
CELERY_BEAT_SCHEDULE = {
    "release-due-deliveries": {
        "task": "policies.tasks.release",
        "schedule": MFA_SWEEP_SECONDS,
        "options": {"queue": "propagation", "expires": MFA_SWEEP_SECONDS * 5},
    },
    "settle-stragglers": {
        "task": "policies.tasks.settle_stragglers",
        "schedule": 60.0,
        "options": {"queue": "propagation", "expires": 120},
    },
    **{
        f"send-waiting-{channel}": {
            "task": "methods.tasks.sweep_messages",
            "args": [channel],
            "schedule": MFA_SWEEP_SECONDS,
            "options": {"queue": channel, "expires": MFA_SWEEP_SECONDS * 5},
        }
        for channel in MESSAGE_QUEUES
    },
    "seal-events": {
        "task": "audit.tasks.seal_events",
        "schedule": MFA_SEAL_SECONDS,
        "options": {"queue": "default", "expires": MFA_SEAL_SECONDS * 5},
    },
    "make-months-of-events": {
        "task": "audit.tasks.make_months",
        "schedule": 43200.0,
        "options": {"queue": "default", "expires": 43200},
    },
    "send-heads": {
        "task": "audit.tasks.send_heads",
        "schedule": 30.0,
        "options": {"queue": "default", "expires": 60},
    },
    "send-events": {
        "task": "audit.tasks.send_events",
        "schedule": MFA_EVENTS_SECONDS,
        "options": {"queue": "default", "expires": MFA_EVENTS_SECONDS * 5},
    },
    "count-events": {
        "task": "audit.tasks.count_events",
        "schedule": 15.0,
        "options": {"queue": "default", "expires": 60},
    },
    "watch-texts-and-calls": {
        "task": "methods.tasks.watch_sending",
        "schedule": 1800.0,
        "options": {"queue": "default", "expires": 1800},
    },
    "work-on-lists": {
        "task": "helpdesk.tasks.work_on_lists",
        "schedule": 10.0,
        "options": {"queue": "default", "expires": 20},
    },
    "forget-lists": {
        "task": "helpdesk.tasks.forget_lists",
        "schedule": 3600.0,
        "options": {"queue": "default", "expires": 3600},
    },
    "look-after-leavers": {
        "task": "policies.tasks.look_after_leavers",
        "schedule": 30.0,
        "options": {"queue": "default", "expires": 60},
    },
    "watch-connected-systems": {
        "task": "policies.tasks.watch",
        "schedule": 30.0,
        "options": {"queue": "default", "expires": 60},
    },
    "compare-connected-systems": {
        "task": "policies.tasks.compare_all",
        "schedule": crontab(minute=17, hour=18),  # at night in Japan
        "options": {"queue": "default", "expires": 3600},
    },
    "look-after-campaigns": {
        "task": "campaigns.tasks.look_after",
        "schedule": 60.0,
        "options": {"queue": "default", "expires": 60},
    },
    "tell-of-kinds-that-end": {
        "task": "policies.tasks.tell_of_endings",
        "schedule": 3600.0,
        "options": {"queue": "default", "expires": 3600},
    },
    "run-detectors": {
        "task": "review.tasks.run_detectors",
        "schedule": crontab(minute=41, hour=18),  # at night in Japan
        "options": {"queue": "default", "expires": 3600},
    },
    "record-searches": {
        "task": "helpdesk.tasks.settle_searches",
        "schedule": 10.0,
        "options": {"queue": "default", "expires": 30},
    },
    "do-what-was-approved": {
        "task": "helpdesk.tasks.carry_out",
        "schedule": 30.0,
        "options": {"queue": "default", "expires": 60},
    },
    "clear-expired-rows": {
        "task": "signin.tasks.clear_expired",
        "schedule": 3600.0,
        "options": {"queue": "default", "expires": 3600},
    },
}
