"""One machine, one command: keys and database are made under MFA_DATA_DIR at the first start."""

import os
from pathlib import Path

from django.core.exceptions import ImproperlyConfigured

from mfaadmin.settings.base import *  # noqa: F403
from mfaadmin.settings.base import BASE_DIR, INSTALLED_APPS, TEMPLATES
from mfaadmin.settings.demo_keys import keys_in
from mfaadmin.settings.environment import env
from mfaadmin.settings.postgresql import postgresql
from mfaadmin.settings.sqlite import sqlite

if os.environ.keys() >= {"MFA_KEYS", "MFA_SEAL_KEY"}:  # both, as a deployment has them: to make one after the other the demo will do
    raise ImproperlyConfigured(
        "MFA_KEYS and MFA_SEAL_KEY are set, and the demo would not use them. For a deployment set "
        "DJANGO_SETTINGS_MODULE=mfaadmin.settings.production; for the demo unset them."
    )
DEMO = True
DEBUG = False
PORT = env.number("PORT", 8000, "Port of the demo.")
MFA_DATA_DIR = Path(env.text("MFA_DATA_DIR", str(BASE_DIR / "var"), "Folder of the demo's database, keys and logs."))
STATIC_ROOT = MFA_DATA_DIR / "static"
_keys = keys_in(MFA_DATA_DIR)
SECRET_KEY = _keys["secret_key"]
MFA_KEYS = _keys["mfa_keys"]
MFA_VAPID_PRIVATE_KEY = _keys["vapid_private_key"]
MFA_WEBHOOK_DEMO_SECRET = _keys["webhook_secret"]
MFA_SEAL_KEY = _keys["seal_key"]

ALLOWED_HOSTS = ["127.0.0.1", "localhost", "[::1]"]
MFA_PUBLIC_URL = f"http://127.0.0.1:{PORT}"
DATABASE_URL = env.text("DATABASE_URL", "", "Database; empty means an SQLite file in the data folder.")
DATABASES = {
    "default": postgresql("DATABASE_URL", DATABASE_URL) if DATABASE_URL else sqlite(MFA_DATA_DIR / "mfaadmin.sqlite3"),
}
REDIS_URL = env.text("REDIS_URL", "", "Redis or Valkey; empty means the embedded server.")
CELERY_BROKER_URL = REDIS_URL or f"redis+socket://{os.environ.get('MFA_VALKEY_SOCKET', '')}?virtual_host=0"
CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}

INSTALLED_APPS = ["demo", *INSTALLED_APPS]
TEMPLATES[0]["OPTIONS"]["context_processors"].append("demo.links.demo_links")  # type: ignore[index]
EMAIL_BACKEND = "demo.mailbox.MailboxBackend"
# A key is bound to a domain, and an address in numbers is none.
MFA_WEBAUTHN_RP_ID = "localhost"
MFA_WEBAUTHN_ORIGINS = MFA_AUTHENTICATOR_ORIGINS = [f"http://localhost:{PORT}"]
TWILIO_ACCOUNT_SID = "AC" + "0" * 32
TWILIO_AUTH_TOKEN = _keys["twilio_token"]
TWILIO_CALLER_ID = "+81300000000"
TWILIO_API_BASE = f"http://127.0.0.1:{PORT}/demo/twilio"
MFA_PRIVATE_HOSTS = [f"127.0.0.1:{PORT}"]
MFA_FIRST_REGISTRATION = "open"
# Nobody is in these here; they are there to try policies with.
MFA_CAMPUS_NETWORKS, MFA_NO_SETUP_NETWORKS, MFA_NO_SETUP_NETWORK_NAME = ["192.0.2.0/24", "2001:db8:1::/48"], ["198.51.100.0/24"], "INDIGO"
MFA_PUSH_HOSTS = [*MFA_PUSH_HOSTS, "127.0.0.1"]  # noqa: F405
# Here everybody sits at one machine, and invents numbers that look alike; its telephones cost nothing.
MFA_SENDING_TO_BLOCK_PER_HOUR, MFA_SENDING_FROM_NETWORK_PER_HOUR = 600, 1200
MFA_HEADS_FOLDER = str(MFA_DATA_DIR / "heads")
MFA_MARK_FILE = str(MFA_DATA_DIR / "newest-head.json")
MFA_SUPPORT_PHONE = "+81 3-0000-0000"
MFA_SUPPORT_HOURS = "9:00–17:00"

# Plain http on this machine: cookies cannot be __Host- or Secure.
SESSION_COOKIE_NAME = "session"
CSRF_COOKIE_NAME = "csrftoken"
SIGNIN_COOKIE_NAME = "attempt"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = False
SECURE_SSL_REDIRECT = False
SECURE_HSTS_SECONDS = 0
SILENCED_SYSTEM_CHECKS = ["security.W004", "security.W008", "security.W012", "security.W016"]
env.refuse_problems()
