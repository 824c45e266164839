"""Checks of what the institution set: errors stop every start of a deployment (mfaadmin.starting), warnings are for `check --deploy`."""

import ipaddress
import re
from typing import Any
from urllib.parse import urlsplit

import phonenumbers
from django.conf import settings
from django.core.checks import CheckMessage, Error, Warning  # noqa: A004  Django's name
from django.db import connections

from audit.context import UNIX
from policies.rulebook.addresses import read_range

FEWEST_FAILURES = 10


def check_values(**kwargs: Any) -> list[CheckMessage]:
    """Values that no page could work with."""
    found: list[CheckMessage] = []
    if any(database.get("ATOMIC_REQUESTS") for database in settings.DATABASES.values()):
        text = "ATOMIC_REQUESTS must be off: a failure that was counted must not be taken back with the request (R-024)."
        found.append(Error(text, id="mfaadmin.E001"))
    if bad := [text for text in settings.TRUSTED_PROXIES if text != UNIX and not _is_network(text)]:
        found.append(Error(f"TRUSTED_PROXIES: {bad[0]} is neither a network in CIDR form nor {UNIX}.", id="mfaadmin.E002"))
    if not _is_pattern(settings.MFA_ACCOUNT_ID_PATTERN):
        found.append(Error("MFA_ACCOUNT_ID_PATTERN is not a regular expression.", id="mfaadmin.E003"))
    elif nobody := [text for text in settings.MFA_BREAK_GLASS if not re.fullmatch(settings.MFA_ACCOUNT_ID_PATTERN, text, re.ASCII)]:
        found.append(Error(f"MFA_BREAK_GLASS: {nobody[0]} is not a Common ID.", id="mfaadmin.E013"))
    if not _is_pattern(settings.MFA_INSTITUTION_NUMBER_PATTERN):
        found.append(Error("MFA_INSTITUTION_NUMBER_PATTERN is not a regular expression.", id="mfaadmin.E011"))
    if unknown := [code for code in settings.MFA_PHONE_COUNTRIES if code not in phonenumbers.SUPPORTED_REGIONS]:
        found.append(Error(f"MFA_PHONE_COUNTRIES: {unknown[0]} is not the ISO 3166 code of a country.", id="mfaadmin.E004"))
    if not settings.MFA_PHONE_COUNTRIES:
        found.append(Error("MFA_PHONE_COUNTRIES is empty: name at least the institution's own country.", id="mfaadmin.E005"))
    if settings.MFA_NETWORK_FAILURES < FEWEST_FAILURES:
        text = f"MFA_NETWORK_FAILURES must be at least {FEWEST_FAILURES}: one person who mistypes must not keep a whole network out."
        found.append(Error(text, id="mfaadmin.E010"))
    return found


def check_deployment(**kwargs: Any) -> list[CheckMessage]:
    """What must not stand before real accounts."""
    found: list[CheckMessage] = []
    if urlsplit(settings.MFA_PUBLIC_URL).scheme != "https":
        found.append(Error("MFA_PUBLIC_URL must be an https address: links in mails lead there.", id="mfaadmin.E006"))
    if settings.MFA_FIRST_REGISTRATION == "open":
        text = "MFA_FIRST_REGISTRATION=open: whoever guesses the password of an unused account can register first (R-014)."
        found.append(Warning(text, hint="Use networks, and set MFA_CAMPUS_NETWORKS.", id="mfaadmin.W001"))
    elif not settings.MFA_CAMPUS_NETWORKS:
        text = "MFA_CAMPUS_NETWORKS is empty: nobody can register a first method."
        found.append(Warning(text, id="mfaadmin.W002"))
    if not all(
        (settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_CALLER_ID or settings.TWILIO_MESSAGING_SERVICE_SID)
    ):
        found.append(Warning("TWILIO_* is not complete: codes cannot be texted.", id="mfaadmin.W003"))
    elif not settings.TWILIO_CALLER_ID:
        found.append(Warning("TWILIO_CALLER_ID is empty: nobody can be called.", id="mfaadmin.W004"))
    if not settings.TRUSTED_PROXIES:
        text = "TRUSTED_PROXIES is empty: behind a proxy that ends TLS every page sends people to itself, and nobody is on campus."
        found.append(Warning(text, hint="Name the proxy, or unix where it comes through a socket.", id="mfaadmin.W006"))
    if wide := [text for text in settings.TRUSTED_PROXIES if _holds_people(text)]:
        text = (
            f"TRUSTED_PROXIES: {wide[0]} overlaps MFA_CAMPUS_NETWORKS: whoever sits there is taken for a proxy, and is nowhere on campus."
        )
        found.append(Warning(text, hint="Name the addresses of the proxies alone.", id="mfaadmin.W005"))
    return found


def check_database(**kwargs: Any) -> list[CheckMessage]:
    """Locks, months of events and what a role may do are PostgreSQL's; nothing is asked of the database itself."""
    others = [alias for alias in connections if connections[alias].vendor != "postgresql"]
    return [Error(f"DATABASE_URL: the database {alias} is not PostgreSQL.", id="mfaadmin.E012") for alias in others]


def _holds_people(proxy: str) -> bool:
    """Whether it is more than the address of one machine, and part of the campus."""
    found = read_range(proxy)
    campus = [known for text in settings.MFA_CAMPUS_NETWORKS if (known := read_range(text))]
    return found is not None and found.first < found.last and any(map(found.overlaps, campus))


def _is_network(text: str) -> bool:
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def _is_pattern(text: str) -> bool:
    try:
        re.compile(text)
    except re.error:
        return False
    return True
