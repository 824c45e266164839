"""A deployment. Refuses to start until everything that protects accounts is set."""

from pathlib import Path
from urllib.parse import urlsplit

from mfaadmin.settings.base import *  # noqa: F403
from mfaadmin.settings.environment import REQUIRED, env
from mfaadmin.settings.postgresql import postgresql

DEPLOYED = True
DEBUG = False
SECRET_KEY = env.text("SECRET_KEY", REQUIRED, "Signs cookies and links; at least 50 random characters.")
SECRET_KEY_FALLBACKS = env.words("SECRET_KEY_FALLBACKS", [], "Earlier values of SECRET_KEY that are still accepted.")
MFA_KEYS = env.text(
    "MFA_KEYS",
    REQUIRED,
    "Keys for secrets at rest, the first seals and all open: name:base64 of 32 bytes, comma-separated (manage.py make_key).",
)
MFA_VAPID_PRIVATE_KEY = env.text(
    "MFA_VAPID_PRIVATE_KEY", REQUIRED, "Private key (base64url of 32 bytes) with which Web Push messages are signed."
)
MFA_SEAL_KEY = env.text(
    "MFA_SEAL_KEY",
    REQUIRED,
    "Private key that signs the seals of the audit: base64 of 32 bytes (manage.py make_seal_key), or file:/path of a file that holds it.",
)
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", REQUIRED, "Host names under which the site answers.")
MFA_PUBLIC_URL = env.text("MFA_PUBLIC_URL", REQUIRED, "https address under which people reach the site.")
DATABASE_URL = env.text("DATABASE_URL", REQUIRED, "PostgreSQL, as postgres://user:password@host:5432/name.")
REDIS_URL = env.text("REDIS_URL", REQUIRED, "Redis or Valkey with append-only file and noeviction, as redis://host:6379/0.")
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(STATIC_ROOT), "Folder into which collectstatic writes."))  # noqa: F405
DATABASES = {"default": postgresql("DATABASE_URL", DATABASE_URL) | {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}}
env.refuse_problems()

CSRF_TRUSTED_ORIGINS = ["{0.scheme}://{0.netloc}".format(urlsplit(MFA_PUBLIC_URL))]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if TRUSTED_PROXIES else None  # noqa: F405
CELERY_BROKER_URL = REDIS_URL
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}
