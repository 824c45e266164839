"""Logs: one JSON object a line on standard error, so that nothing typed by a visitor can forge a line (R-187).

Tracebacks come without the variables of their frames: those hold passwords and codes (R-193).
"""

from typing import Any

import structlog

from mfaadmin.settings.environment import env

MFA_METRICS_TOKEN = env.text(
    "MFA_METRICS_TOKEN", "", "Bearer token for /metrics; empty means that only this machine may read it, and no proxy."
)

_STAMPS: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
]
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "json": {
            "()": structlog.stdlib.ProcessorFormatter,
            "foreign_pre_chain": _STAMPS,
            "processors": [structlog.stdlib.ProcessorFormatter.remove_processors_meta, structlog.processors.JSONRenderer()],
        },
    },
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["stderr"], "level": "INFO"},
    "loggers": {name: {"handlers": [], "propagate": True} for name in ("django", "django.server")},
}
structlog.configure(
    processors=[structlog.stdlib.filter_by_level, *_STAMPS, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
    logger_factory=structlog.stdlib.LoggerFactory(),
)
