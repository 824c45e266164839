"""What the institution decides: names, patterns, periods, limits."""

from mfaadmin.settings.environment import env

MFA_ORGANISATION_NAME = env.text("MFA_ORGANISATION_NAME", "Example University", "Name of the institution, in English.")
MFA_ORGANISATION_NAME_JA = env.text("MFA_ORGANISATION_NAME_JA", "見本大学", "Name of the institution, in Japanese.")
MFA_PUBLIC_URL = env.text("MFA_PUBLIC_URL", "http://127.0.0.1:8000", "Address under which people reach the site.")
MFA_APP_PASSWORD_DAYS = env.number("MFA_APP_PASSWORD_DAYS", 180, "How long an app password is good for, in days.")
MFA_WEBAUTHN_RP_ID = env.text(
    "MFA_WEBAUTHN_RP_ID",
    "",
    "Domain that security keys and passkeys are bound to; empty means the host of MFA_PUBLIC_URL. "
    "Another one later makes every registered key useless.",
)
MFA_WEBAUTHN_ORIGINS = env.words(
    "MFA_WEBAUTHN_ORIGINS",
    [],
    "Addresses (https://host, without a path) from which a security key may be asked; empty means that of MFA_PUBLIC_URL.",
)
MFA_WEBAUTHN_ROOTS = env.text(
    "MFA_WEBAUTHN_ROOTS",
    "",
    "File of root certificates (PEM) of the makers of security keys; needed where the method policy asks of which make a key is.",
)
MFA_WEBAUTHN_USER_VERIFICATION = env.flag(
    "MFA_WEBAUTHN_USER_VERIFICATION",
    False,
    "Whether a security key must see a PIN, finger or face; of people with a role it always must.",
)
MFA_AUTHENTICATOR_ORIGINS = env.words(
    "MFA_AUTHENTICATOR_ORIGINS",
    [],
    "Addresses (https://host, without a path), besides that of MFA_PUBLIC_URL, at which the Authenticator works; an app keeps its accounts at one.",
)
MFA_CAMPAIGN_MAILS_PER_MINUTE = env.number(
    "MFA_CAMPAIGN_MAILS_PER_MINUTE", 100, "Reminders of campaigns that are sent in a minute, by day; 30,000 take five hours."
)
TIME_ZONE = env.text("TIME_ZONE", "Asia/Tokyo", "Time zone of the times on screen and in mails.")
MFA_SUPPORT_NAME = env.text("MFA_SUPPORT_NAME", "Technical Support Desk", "Name of the help desk, in English.")
MFA_SUPPORT_NAME_JA = env.text("MFA_SUPPORT_NAME_JA", "技術サポートデスク", "Name of the help desk, in Japanese.")
MFA_SUPPORT_EMAIL = env.text("MFA_SUPPORT_EMAIL", "support@example.ac.jp", "Address of the help desk.")
MFA_SUPPORT_PHONE = env.text("MFA_SUPPORT_PHONE", "", "Telephone number of the help desk.")
MFA_SUPPORT_HOURS = env.text("MFA_SUPPORT_HOURS", "", "Opening hours of the help desk.")
MFA_ACCOUNT_ID_PATTERN = env.text("MFA_ACCOUNT_ID_PATTERN", r"\d{10}", "Regular expression that a whole Common ID matches.")
MFA_REFUSED_EMAIL_DOMAINS = env.words(
    "MFA_REFUSED_EMAIL_DOMAINS",
    ["example.ac.jp"],
    "Mail domains (with sub-domains) that cannot be read when locked out. Read until a policy is in force.",
)
MFA_PHONE_COUNTRIES = env.words(
    "MFA_PHONE_COUNTRIES",
    ["JP", "AU", "CA", "CN", "DE", "FR", "GB", "IN", "KR", "SG", "TW", "US"],
    "Countries (ISO 3166) whose numbers may be registered, the first one preselected. Read until a policy is in force.",
)
MFA_REFUSED_PHONE_PREFIXES = env.words(
    "MFA_REFUSED_PHONE_PREFIXES",
    ["+81358412"],
    "Number ranges in E.164 form that may not be registered: the institution's own. Read until a policy is in force.",
)
MFA_ACCOUNTS_PER_NUMBER = env.number("MFA_ACCOUNTS_PER_NUMBER", 3, "On how many accounts one number may stand.")

MFA_PROPAGATION_MINUTES = env.fraction(
    "MFA_PROPAGATION_MINUTES", 40.0, "Minutes until a change of MFA use reaches the connected systems; fractions are allowed."
)
MFA_VERIFY_BEFORE_EFFECT = env.flag(
    "MFA_VERIFY_BEFORE_EFFECT",
    True,
    "Whether this site asks for a verification as soon as a method is registered; "
    "no means: only for security info until MFA use is in effect. Read until a policy is in force.",
)
MFA_FIRST_REGISTRATION = env.text(
    "MFA_FIRST_REGISTRATION",
    "networks",
    "Where the first method may be registered with the password alone, networks (MFA_CAMPUS_NETWORKS) or open, until a policy is in force.",
)
MFA_CAMPUS_NETWORKS = env.words("MFA_CAMPUS_NETWORKS", [], "Networks in CIDR form that count as campus until a policy is in force.")
MFA_NO_SETUP_NETWORKS = env.words(
    "MFA_NO_SETUP_NETWORKS",
    [],
    "Networks in CIDR form on which the set-up of an app does not work, until a policy is in force; people there are told before they begin.",
)
MFA_NO_SETUP_NETWORK_NAME = env.text("MFA_NO_SETUP_NETWORK_NAME", "", "What people call these networks, such as the name of a Wi-Fi.")
MFA_SHORT_URL = env.text("MFA_SHORT_URL", "", "Short address that leads to the site, for print; MFA_PUBLIC_URL where there is none.")
MFA_FIRST_REGISTRATION_EMAIL = env.flag(
    "MFA_FIRST_REGISTRATION_EMAIL",
    True,
    "Whether the first registration, and then Security info, asks for a recovery address when none is known.",
)
MFA_FIRST_REGISTRATION_NUMBER = env.flag(
    "MFA_FIRST_REGISTRATION_NUMBER", False, "Whether the first registration asks for the student or staff number when none is known."
)
MFA_INSTITUTION_NUMBER_PATTERN = env.text(
    "MFA_INSTITUTION_NUMBER_PATTERN", r"[0-9A-Z-]{4,32}", "Regular expression that a whole student or staff number matches."
)
MFA_TEST_SIGNIN_DAYS = env.number("MFA_TEST_SIGNIN_DAYS", 30, "How recent a successful test sign-in must be for an application, in days.")
MFA_OLD_PHONE_DAYS = env.number("MFA_OLD_PHONE_DAYS", 7, "How long an old phone stays registered beside the new one, in days.")
MFA_TERMINATION_DAYS = env.number("MFA_TERMINATION_DAYS", 90, "Length of a termination unless another is chosen, in days.")
MFA_PROOF_DAYS = env.number(
    "MFA_PROOF_DAYS",
    7,
    "How many days a method must have been registered before the help desk may ask a caller to prove with it who they are.",
)
MFA_RESET_WAIT_MINUTES = env.number(
    "MFA_RESET_WAIT_MINUTES", 60, "How long an approved re-registration waits, so that its owner can stop it, in minutes."
)
MFA_STAFF_WAIT_HOURS = env.number(
    "MFA_STAFF_WAIT_HOURS", 24, "How long an approved action on an account with a role waits, so that its owner can stop it, in hours."
)
MFA_LEAVER_DAYS = env.number(
    "MFA_LEAVER_DAYS", 90, "How long the suspended methods of an account that has left are kept until they are removed, in days."
)
MFA_LEAVERS_PERCENT = env.fraction(
    "MFA_LEAVERS_PERCENT",
    5.0,
    "How many percent of the active accounts may leave at once; when more do, nothing is suspended or removed, and administrators are told.",
)
MFA_BULK_MOST = env.number("MFA_BULK_MOST", 2000, "How many accounts one piece of work on a list may name.")
MFA_STAFF_LIMITS = env.words(
    "MFA_STAFF_LIMITS",
    [],
    "How often one member of staff may do something, such as issue-pass=5/20: in an hour and in a day; the others are as in docs/limits.md.",
)
MFA_STAFF_ALARM_PERCENT = env.number(
    "MFA_STAFF_ALARM_PERCENT", 75, "At how many percent of such a limit the senior help desk, auditors and administrators are told."
)
MFA_BREAK_GLASS = env.words(
    "MFA_BREAK_GLASS", [], "Common IDs of accounts for emergencies: they sign in with a security key alone, and every use alarms."
)
MFA_DELIVERY_LEASE_SECONDS = env.number(
    "MFA_DELIVERY_LEASE_SECONDS", 60, "How long one worker holds a delivery before another may take it over, in seconds."
)
TRUSTED_PROXIES = env.words(
    "TRUSTED_PROXIES",
    [],
    "Networks (CIDR) of the proxies in front of the site, and unix for one that comes through a Unix socket; nobody else's X-Forwarded-For is read.",
)
SIGNIN_ATTEMPT_MINUTES = 10
STEP_UP_MINUTES = 10
