"""Heads leave the host on schedule: as a file, by https, by mail (R-183). What fails alarms, is tried again, and holds nothing up."""

import os
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import NamedTuple
from urllib.parse import urlsplit

import requests
import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.utils import timezone
from django.utils.crypto import salted_hmac

from audit.catalogue import EventName
from audit.models import Outlet, Seal
from audit.record import record
from audit.seals.heads import Head
from audit.seals.sealing import newest

TIMEOUT = 10
LONGEST = 255  # name of an outlet
ACCEPTED = range(200, 300)
log = structlog.get_logger(__name__)


class NotSent(Exception):
    """The head did not leave; in a few words, why."""


class Way(NamedTuple):
    """One way out: its name, how often it is used, and what sends a head along it."""

    name: str
    seconds: int
    send: Callable[[Head], None]


def ways() -> Iterator[Way]:
    """Every way that the settings name."""
    if settings.MFA_HEADS_FOLDER:
        yield Way("folder", settings.MFA_HEADS_SECONDS, _to_folder)
    for url in settings.MFA_HEADS_URLS:
        yield Way(_without_secrets(url), settings.MFA_HEADS_SECONDS, partial(_to_url, url))
    for address in settings.MFA_HEADS_MAIL:
        yield Way(address, settings.MFA_HEADS_MAIL_SECONDS, partial(_to_mail, address))


def _without_secrets(url: str) -> str:
    """A name that no other address has; where there is more to it than host, port and path, a digest stands for that."""
    parts = urlsplit(url)
    port = "" if parts.port is None else f":{parts.port}"
    name = f"{parts.hostname}{port}{parts.path}"
    if parts.query or parts.fragment or "@" in parts.netloc or len(name) > LONGEST:
        name = f"{name[: LONGEST - 11]} ({salted_hmac('outlet', url, algorithm='sha256').hexdigest()[:8]})"
    return name


def send() -> None:
    """Send the newest head along every way that is due and has not had it yet."""
    seal = newest()
    if seal is None:
        return
    for way in ways():
        outlet = _claimed(way, seal)
        if outlet:
            _try(way, outlet, seal)


def _claimed(way: Way, seal: Seal) -> Outlet | None:
    """Marked as tried before it is: two senders at once send it once, and one that dies is followed by another when it is due again."""
    Outlet.objects.get_or_create(name=way.name)
    now = timezone.now()
    with transaction.atomic():
        outlet = Outlet.objects.select_for_update().get(name=way.name)
        if outlet.number == seal.number or not _is_due(outlet, way, now):
            return None
        Outlet.objects.filter(name=way.name).update(tried_at=now)
    return outlet


def _is_due(outlet: Outlet, way: Way, now: datetime) -> bool:
    """What failed is tried again sooner than what is merely next."""
    if outlet.tried_at is None:
        return True
    pause = min(way.seconds, settings.MFA_HEADS_SECONDS) if outlet.failing_since else way.seconds
    return now - outlet.tried_at >= timedelta(seconds=pause)


def _try(way: Way, outlet: Outlet, seal: Seal) -> None:
    try:
        way.send(seal.head)
    except Exception as error:  # noqa: BLE001  whatever it is, the others go on
        problem = str(error) if isinstance(error, NotSent) else type(error).__name__
        _note_failure(outlet, problem[:200])
    else:
        _note_success(outlet, seal.number)


@transaction.atomic
def _note_failure(outlet: Outlet, problem: str) -> None:
    log.error("a head of the audit could not leave", outlet=outlet.name, problem=problem)
    if outlet.failing_since is None:
        record(EventName.HEADS_FAILED, after={"outlet": outlet.name, "problem": problem})
    Outlet.objects.filter(name=outlet.name).update(problem=problem, failing_since=outlet.failing_since or timezone.now())


@transaction.atomic
def _note_success(outlet: Outlet, number: int) -> None:
    if outlet.failing_since is not None:
        record(EventName.HEADS_RESUMED, after={"outlet": outlet.name})
    Outlet.objects.filter(name=outlet.name).update(number=number, sent_at=timezone.now(), problem="", failing_since=None)


def _to_folder(head: Head) -> None:
    """A file that stays: one of the same number with another content means that the database was set back."""
    folder = Path(settings.MFA_HEADS_FOLDER)
    path = folder / f"head-{head.statement.number:012d}.json"
    beside = folder / f".{path.name}.{os.getpid()}"
    try:
        if folder.parent.is_dir():
            folder.mkdir(exist_ok=True)
        beside.write_bytes(head.line())
        os.link(beside, path)
    except FileExistsError:
        if path.read_bytes() != head.line():
            raise NotSent(f"another head {head.statement.number} left before: the database was set back") from None
    except OSError as error:
        raise NotSent(error.strerror or type(error).__name__) from None
    finally:
        beside.unlink(missing_ok=True)


def _to_url(url: str, head: Head) -> None:
    """The settings name the address; nothing that is answered leads to another."""
    kind = {"Content-Type": "application/json"}
    try:
        with requests.post(url, head.line(), headers=kind, timeout=TIMEOUT, allow_redirects=False, stream=True) as answer:
            if answer.status_code not in ACCEPTED:
                raise NotSent(f"HTTP {answer.status_code}")
    except requests.RequestException as error:
        raise NotSent(type(error).__name__) from None


def _to_mail(address: str, head: Head) -> None:
    """The line is an attachment, byte for byte; the text says what to do with it. In English: it is kept for years."""
    said = head.statement
    text = (
        f"The audit of {settings.MFA_ORGANISATION_NAME} had {said.last} sealed events on {said.sealed_at:%Y-%m-%d %H:%M:%S} UTC.\n\n"
        f"Keep this mail. Whoever checks the audit later compares it with this head (seal {said.number}):\n\n{head.line().decode()}\n"
    )
    mail = EmailMessage(f"Audit head {said.number}", text, to=[address])
    mail.attach(f"head-{said.number:012d}.json", head.line().decode(), "application/json")
    try:
        mail.send()
    except OSError as error:  # smtplib's errors are of this kind, too
        raise NotSent(type(error).__name__) from None
