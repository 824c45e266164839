"""Tests: cheap hashing, fixed keys, no outside service; `DATABASE_URL` chooses the database."""

import base64
import os
import tempfile
from pathlib import Path

from mfaadmin.settings.base import *  # noqa: F403
from mfaadmin.settings.base import LOGGING
from mfaadmin.settings.environment import env
from mfaadmin.settings.sqlite import sqlite

DEBUG = False
SECRET_KEY = "for tests alone " * 4
MFA_KEYS = "test:" + base64.b64encode(b"k" * 32).decode()
MFA_VAPID_PRIVATE_KEY = base64.urlsafe_b64encode(b"v" * 32).decode().rstrip("=")
MFA_SEAL_KEY = base64.b64encode(b"s" * 32).decode()
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
MFA_PUBLIC_URL = "https://mfa.example.ac.jp"
# A database per test process: several runs may share one machine and one server.
_name = f"mfaadmin_test_{os.getpid()}"
_given = os.environ.get("DATABASE_URL", "")
DATABASES = {"default": env.source.db_url_config(_given) if _given else sqlite(Path(tempfile.gettempdir()) / _name)}
DATABASES["default"]["TEST"] = {"NAME": _name if _given else f"{DATABASES['default']['NAME']}.sqlite3"}
CELERY_BROKER_URL = os.environ.get("REDIS_URL", "memory://")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
STATIC_ROOT = None  # type: ignore[assignment]  # nothing is collected: files are served from where they are written
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True  # otherwise every new test client lists all files first
MFA_ARGON2_MEMORY_KIB, MFA_ARGON2_PASSES = 64, 1
MFA_FIRST_REGISTRATION = "open"
TWILIO_ACCOUNT_SID = "AC" + "1" * 32
TWILIO_AUTH_TOKEN = "twilio test token"
MFA_METRICS_TOKEN = "metrics test token"  # the test client is on this machine
TWILIO_CALLER_ID = "+81300000000"
SESSION_COOKIE_NAME = "session"
CSRF_COOKIE_NAME = "csrftoken"
SIGNIN_COOKIE_NAME = "attempt"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = False
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0
LOGGING["root"]["level"] = "WARNING"  # type: ignore[index]
