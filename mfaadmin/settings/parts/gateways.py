"""Twilio and mail: what carries a text, a call or a letter."""

from mfaadmin.settings.environment import env

TWILIO = "methods.gateways.twilio.client.TwilioGateway"

TWO_FACTOR_SMS_GATEWAY = env.text("TWO_FACTOR_SMS_GATEWAY", TWILIO, "The class of the gateway that sends texts, by its dotted name.")
TWO_FACTOR_CALL_GATEWAY = env.text("TWO_FACTOR_CALL_GATEWAY", TWILIO, "The class of the gateway that makes calls, by its dotted name.")
TWILIO_ACCOUNT_SID = env.text("TWILIO_ACCOUNT_SID", "", "Account SID of the Twilio account that sends texts and calls.")
TWILIO_AUTH_TOKEN = env.text("TWILIO_AUTH_TOKEN", "", "Auth token of that account; also checks the callbacks' signatures.")
TWILIO_AUTH_TOKEN_OLD = env.text(
    "TWILIO_AUTH_TOKEN_OLD", "", "The auth token before, while it is being changed: callbacks signed with it are accepted."
)
TWILIO_CALLER_ID = env.text("TWILIO_CALLER_ID", "", "Number in E.164 form from which texts and calls are sent.")
TWILIO_MESSAGING_SERVICE_SID = env.text(
    "TWILIO_MESSAGING_SERVICE_SID", "", "Messaging service to send texts with, instead of the caller id."
)
TWILIO_API_BASE = env.text("TWILIO_API_BASE", "", "Address of a Twilio-compatible service; empty means Twilio itself.")
TWILIO_TIMEOUT_SECONDS = env.number(
    "TWILIO_TIMEOUT_SECONDS", 3, "How long Twilio may take to answer, in seconds; after that the page says that nothing may have been sent."
)

MFA_CALL_DIGITS = env.flag(
    "MFA_CALL_DIGITS",
    False,
    "Whether calls ask for two digits on the screen and then #, instead of # alone; people with a role are always asked. Read until a policy is in force.",
)
MFA_SENDING_PER_HOUR = env.number("MFA_SENDING_PER_HOUR", 2000, "Texts and calls of an hour, of all accounts, after which sending stops.")
MFA_SENDING_PER_DAY = env.number(
    "MFA_SENDING_PER_DAY", 10000, "Texts and calls of a day (UTC), of all accounts, after which sending stops."
)
MFA_SENDING_ABROAD_PER_DAY = env.number(
    "MFA_SENDING_ABROAD_PER_DAY",
    500,
    "Texts and calls of a day to each country but the one that the rules about methods preselect for everybody.",
)
MFA_SENDING_TO_BLOCK_PER_HOUR = env.number(
    "MFA_SENDING_TO_BLOCK_PER_HOUR", 60, "Texts and calls of an hour to ten thousand numbers in a row; of a day three times as many."
)
MFA_SENDING_FROM_NETWORK_PER_HOUR = env.number(
    "MFA_SENDING_FROM_NETWORK_PER_HOUR",
    120,
    "Texts and calls of an hour asked for from one network but the campus; of a day four times as many.",
)
MFA_SENDING_USED_PERCENT = env.number(
    "MFA_SENDING_USED_PERCENT",
    25,
    "How many of a hundred texts and calls to a country are usually used; fewer in a day alarm the administrators.",
)

EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
EMAIL_HOST = env.text("EMAIL_HOST", "localhost", "SMTP server.")
EMAIL_PORT = env.number("EMAIL_PORT", 587, "SMTP port.")
EMAIL_HOST_USER = env.text("EMAIL_HOST_USER", "", "SMTP user name.")
EMAIL_HOST_PASSWORD = env.text("EMAIL_HOST_PASSWORD", "", "SMTP password.")
EMAIL_USE_TLS = env.flag("EMAIL_USE_TLS", True, "Whether SMTP uses STARTTLS.")
EMAIL_TIMEOUT = 10
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL", "mfa@localhost", "Sender of every mail.")
