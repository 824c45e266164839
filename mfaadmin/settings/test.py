"""Tests: cheap hashing, fixed keys, no outside service; `DATABASE_URL` chooses the database."""

import base64
import os
import tempfile
from pathlib import Path

from mfaadmin.settings.base import *  # noqa: F403
from mfaadmin.settings.environment import env
from mfaadmin.settings.sqlite import sqlite

DEBUG = False
SECRET_KEY = "for tests alone " * 4
MFA_KEYS = "test:" + base64.b64encode(b"k" * 32).decode()
MFA_VAPID_PRIVATE_KEY = base64.urlsafe_b64encode(b"v" * 32).decode().rstrip("=")
ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
MFA_PUBLIC_URL = "https://mfa.example.ac.jp"
_worker = os.environ.get("PYTEST_XDIST_WORKER", "main")
DATABASES = {
    "default": env.source.db_url_config(os.environ["DATABASE_URL"])
    if os.environ.get("DATABASE_URL")
    else sqlite(Path(tempfile.gettempdir()) / f"mfaadmin-test-{os.getpid()}-{_worker}.sqlite3"),
}
if not os.environ.get("DATABASE_URL"):
    DATABASES["default"]["TEST"] = {"NAME": DATABASES["default"]["NAME"] + ".test"}
CELERY_BROKER_URL = os.environ.get("REDIS_URL", "memory://")
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
MFA_ARGON2_MEMORY_KIB, MFA_ARGON2_PASSES = 64, 1
MFA_FIRST_REGISTRATION = "open"
TWILIO_ACCOUNT_SID = "AC" + "1" * 32
TWILIO_AUTH_TOKEN = "twilio test token"
TWILIO_CALLER_ID = "+81300000000"
SESSION_COOKIE_NAME = "session"
CSRF_COOKIE_NAME = "csrftoken"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = False
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0
