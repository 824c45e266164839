"""What every deployment shares. `demo`, `test` and `production` add what differs."""

from pathlib import Path

import django_stubs_ext

from mfaadmin.settings.parts.audit import *  # noqa: F403  each part is a page of settings of its own
from mfaadmin.settings.parts.authenticator import *  # noqa: F403  each part is a page of settings of its own
from mfaadmin.settings.parts.celery import *  # noqa: F403
from mfaadmin.settings.parts.connectors import *  # noqa: F403
from mfaadmin.settings.parts.gateways import *  # noqa: F403
from mfaadmin.settings.parts.logs import *  # noqa: F403
from mfaadmin.settings.parts.mfa import *  # noqa: F403
from mfaadmin.settings.parts.review import *  # noqa: F403
from mfaadmin.settings.parts.security import *  # noqa: F403

django_stubs_ext.monkeypatch()  # lets models and fields take type parameters at run time

DEPLOYED = False  # production says otherwise: what `check --deploy` calls an error then stops every process (mfaadmin.starting)
BASE_DIR = Path(__file__).resolve().parent.parent.parent

INSTALLED_APPS = [
    "mfaadmin.apps.MfaAdminConfig",
    "helpdesk",
    "review",
    "selfservice",
    "signin",
    "campaigns",
    "policies",
    "django_otp",
    "two_factor",
    "methods",
    "methods.kinds.push",
    "methods.kinds.totp",
    "methods.kinds.phone",
    "methods.kinds.email",
    "methods.kinds.fido",
    "methods.kinds.app_password",
    "methods.kinds.access_pass",
    "accounts",
    "audit",
    "vault",
    "phonenumber_field",
    "django_htmx",
    "csp",
    "django_structlog",
    "mfaadmin.apps.MfaAdminSite",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "mfaadmin.request_log.RequestLogMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "mfaadmin.middleware.HeadersMiddleware",
    "mfaadmin.odd_requests.OddRequestsMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "audit.context.WhereMiddleware",
    "accounts.badge.BadgeMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "signin.attempts.AttemptMiddleware",
    "mfaadmin.odd_requests.NoPageMiddleware",
    "accounts.access.GateMiddleware",
]

ROOT_URLCONF = "mfaadmin.urls"
WSGI_APPLICATION = "mfaadmin.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "django.template.context_processors.i18n",
                "mfaadmin.frame.frame",
                "selfservice.set_up_pages.on_set_up_pages",
            ],
        },
    },
]

AUTH_USER_MODEL = "accounts.Account"
AUTHENTICATION_BACKENDS = ["accounts.backend.SessionOnlyBackend"]
LOGIN_URL = "signin:start"
LOGIN_REDIRECT_URL = "selfservice:home"

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English"), ("ja", "日本語")]
LOCALE_PATHS = [BASE_DIR / "mfaadmin" / "locale"]
LANGUAGE_COOKIE_NAME = "language"
LANGUAGE_COOKIE_AGE = 365 * 24 * 3600
FORMAT_MODULE_PATH = ["mfaadmin.formats"]
USE_TZ = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "var" / "static"
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "mfaadmin.static_storage.ManifestStorage"},
}

FORM_RENDERER = "mfaadmin.rendering.FrameRenderer"
MESSAGE_STORAGE = "django.contrib.messages.storage.cookie.CookieStorage"
PHONENUMBER_DB_FORMAT = "RFC3966"  # E164 would drop the extension
PHONENUMBER_DEFAULT_FORMAT = "INTERNATIONAL"
OTP_ADMIN_HIDE_SENSITIVE_DATA = True
