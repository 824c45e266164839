"""Cookies, headers, sessions and password hashing."""

from csp.constants import NONCE, NONE, SELF

from mfaadmin.settings.environment import env

SESSION_ENGINE = "accounts.session_store"  # flushing the cache signs nobody in or out
SESSION_COOKIE_NAME = "__Host-session"
SESSION_COOKIE_SECURE = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = 24 * 3600
SESSION_EXPIRE_AT_BROWSER_CLOSE = True
CSRF_COOKIE_NAME = "__Host-csrf"
SIGNIN_COOKIE_NAME = "__Host-attempt"  # between the password and the session
CSRF_COOKIE_SECURE = True
CSRF_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = True
LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_FAILURE_VIEW = "mfaadmin.errors.csrf_failure"

SECURE_SSL_REDIRECT = True
SECURE_REDIRECT_EXEMPT = [r"^healthz$", r"^readyz$", r"^metrics$"]
SECURE_HSTS_SECONDS = 2 * 365 * 24 * 3600
SECURE_HSTS_INCLUDE_SUBDOMAINS = True
SECURE_HSTS_PRELOAD = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"
DATA_UPLOAD_MAX_MEMORY_SIZE = 256 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 200
FILE_UPLOAD_HANDLERS = ["mfaadmin.odd_requests.NoUploads"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF, NONCE],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "manifest-src": [SELF],
        "worker-src": [SELF],
        "form-action": [SELF],
        "object-src": [NONE],
        "base-uri": [NONE],
        "frame-ancestors": [NONE],
    },
}
PERMISSIONS_POLICY = "camera=(self), publickey-credentials-create=(self), publickey-credentials-get=(self), geolocation=(), microphone=()"

# OWASP's smallest recommended Argon2id parameters (19 MiB, 2 passes, 1 lane) unless the institution raises them.
MFA_ARGON2_MEMORY_KIB = env.number("MFA_ARGON2_MEMORY_KIB", 19456, "Memory of one password hash, in KiB.")
MFA_ARGON2_PASSES = env.number("MFA_ARGON2_PASSES", 2, "Passes of one password hash.")
MFA_ARGON2_LANES = env.number("MFA_ARGON2_LANES", 1, "Parallel lanes of one password hash.")
PASSWORD_HASHERS = ["accounts.hashers.Argon2id"]
MFA_NETWORK_FAILURES = env.number(
    "MFA_NETWORK_FAILURES",
    300,
    "Wrong passwords in 15 minutes after which a network address is held for 15 minutes; more where many people share one.",
)
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
