"""Twilio and mail: what carries a text, a call or a letter."""

from mfaadmin.settings.environment import env

TWILIO_ACCOUNT_SID = env.text("TWILIO_ACCOUNT_SID", "", "Account SID of the Twilio account that sends texts and calls.")
TWILIO_AUTH_TOKEN = env.text("TWILIO_AUTH_TOKEN", "", "Auth token of that account; also checks the callbacks' signatures.")
TWILIO_CALLER_ID = env.text("TWILIO_CALLER_ID", "", "Number in E.164 form from which texts and calls are sent.")
TWILIO_MESSAGING_SERVICE_SID = env.text(
    "TWILIO_MESSAGING_SERVICE_SID", "", "Messaging service to send texts with, instead of the caller id."
)
TWILIO_API_BASE = env.text("TWILIO_API_BASE", "", "Address of a Twilio-compatible service; empty means Twilio itself.")
TWILIO_TIMEOUT_SECONDS = env.number("TWILIO_TIMEOUT_SECONDS", 10, "How long a request to Twilio may take, in seconds.")

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("EMAIL_HOST", "localhost", "SMTP server.")
EMAIL_PORT = env.number("EMAIL_PORT", 587, "SMTP port.")
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "", "SMTP user name.")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "", "SMTP password.")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", True, "Whether SMTP uses STARTTLS.")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "mfa@localhost", "Sender of every mail.")
