"""The demo's settings, with a gateway and a mail server that a test brings along."""

import os

from mfaadmin.settings.demo import *  # noqa: F403

TWILIO_API_BASE = os.environ["OUTSIDE_GATEWAY"]
if mail_port := os.environ.get("OUTSIDE_MAIL_PORT"):
    EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    EMAIL_HOST, EMAIL_PORT, EMAIL_USE_TLS = "127.0.0.1", int(mail_port), False
