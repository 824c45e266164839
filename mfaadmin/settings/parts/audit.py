"""Seals of the audit: how often, how they are checked, and where heads go."""

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
