"""The audit: its seals and where their heads go, and where events go."""

from mfaadmin.settings.environment import env

MFA_SEAL_OLD_KEYS = env.words(
    "MFA_SEAL_OLD_KEYS", [], "Public keys (base64) of earlier MFA_SEAL_KEYs: what they have signed goes on being checked with them."
)
MFA_SEAL_SECONDS = env.fraction("MFA_SEAL_SECONDS", 5.0, "How often new events are sealed, in seconds.")
MFA_HEADS_SECONDS = env.number("MFA_HEADS_SECONDS", 240, "How often the newest head leaves by file and https, in seconds; at most 300.")
MFA_HEADS_FOLDER = env.text(
    "MFA_HEADS_FOLDER", "", "Folder on another machine (mounted, write-once if possible) that gets a file for each head."
)
MFA_HEADS_URLS = env.words("MFA_HEADS_URLS", [], "https addresses to which heads are posted; no other address and no redirect is followed.")
MFA_HEADS_MAIL = env.words("MFA_HEADS_MAIL", [], "Mail addresses that get heads: outside this site, such as those of the auditors.")
MFA_HEADS_MAIL_SECONDS = env.number("MFA_HEADS_MAIL_SECONDS", 3600, "How often the newest head is mailed, in seconds.")

MFA_EVENTS_STDOUT = env.flag("MFA_EVENTS_STDOUT", False, "Whether the worker writes every event as a line of JSON to its standard output.")
MFA_EVENTS_SYSLOG = env.text(
    "MFA_EVENTS_SYSLOG", "", "Syslog server that gets every event (RFC 5424): tls://host:6514, or tcp://host:601 on this machine alone."
)
MFA_EVENTS_URL = env.text("MFA_EVENTS_URL", "", "https address to which every event is posted, in lines of JSON; no redirect is followed.")
MFA_EVENTS_TOKEN = env.text("MFA_EVENTS_TOKEN", "", "Bearer token for MFA_EVENTS_URL.")
MFA_EVENTS_CA = env.text(
    "MFA_EVENTS_CA", "", "File with the certificates (PEM) that collectors are trusted by; empty means those of the system."
)
MFA_EVENTS_SECONDS = env.fraction("MFA_EVENTS_SECONDS", 5.0, "How often new events are sent to the collectors, in seconds.")
MFA_AUDIT_KEEP = env.words(
    "MFA_AUDIT_KEEP",
    [],
    "How many days events are kept, as `challenge=400`, `events:read=800`, `*=3650` (all others); what no rule names is kept for ever.",
)
MFA_MARK_FILE = env.text(
    "MFA_MARK_FILE",
    "",
    "File outside the database and its backups in which this machine remembers the newest seal; it shows that the database was set back.",
)
MFA_INSTANCE = env.text(
    "MFA_INSTANCE",
    "",
    "Name of this installation. Give a copy, such as one for tests, another name before it is started: then it sends nothing to connected systems.",
)
