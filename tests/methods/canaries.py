"""Secrets that are followed through the whole site, and every place where one could come to lie (I8, R-193)."""

import base64
import binascii
import io
import re
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote

import pytest
from celery.signals import before_task_publish
from django.apps import apps
from django.core import mail, signing
from django.core.cache import cache
from django.db import connection
from django.test import Client

from audit.models import Event
from audit.out import ecs, stream
from audit.seals import exporting, sealing

CODE = re.compile(r"\d+")
SIGNED = re.compile(r"(?P<packed>\.?)(?P<said>[\w-]{8,})(:[\w-]+){1,2}")


@dataclass(frozen=True)
class Canary:
    """A secret, and the only places that may hold it: pages by path, mails by subject."""

    name: str
    secret: str | bytes
    carriers: tuple[str, ...] = ()

    @property
    def forms(self) -> set[str]:
        """How it might be written down: as it is, and as programs encode it."""
        raw = self.secret if isinstance(self.secret, bytes) else self.secret.encode()
        texts = set() if isinstance(self.secret, bytes) else {self.secret, self.secret.replace(" ", ""), quote(self.secret)}
        if CODE.fullmatch(raw.decode("latin-1")):
            return texts
        encoded = {base64.b64encode(raw), base64.urlsafe_b64encode(raw), base64.b32encode(raw)}
        return texts | {raw.hex(), repr(raw)[2:-1]} | {text.decode().rstrip("=") for text in encoded}

    def lies_in(self, text: str) -> bool:
        """Six digits that are part of a time, an id or a digest are no code."""
        return any(re.search(rf"(?<![\w.:-]){form}(?![\w-])", text) if CODE.fullmatch(form) else form in text for form in self.forms)


@dataclass
class Places:
    """What the site has written, sent and shown, by name."""

    pages: list[tuple[str, str]] = field(default_factory=list)
    cookies: list[tuple[str, str]] = field(default_factory=list)
    tasks: list[str] = field(default_factory=list)
    log: Any = None  # what pytest has caught

    def all(self) -> Iterator[tuple[str, str]]:
        """Every place with its text; the name begins with what sort of place it is."""
        yield from self.pages
        yield from self.cookies
        yield "tables", everything_stored()
        yield "broker", "\n".join(self.tasks)
        yield "cache", str(getattr(cache, "_cache", ""))
        yield "logs", "\n".join(f"{record.getMessage()} {vars(record)}" for record in self.log.records)
        yield "events", "\n".join(str(vars(event)) for event in Event.objects.all())
        yield "export", b"\n".join(exporting.whole()).decode()
        yield "table for spreadsheets", "".join(exporting.table(Event.objects.values_list("pk", flat=True)))
        yield "collector", b"\n".join(ecs.line(event, at) for at, event in stream.events(stream.after(stream.Place(), 10_000))).decode()
        yield from ((f"mail: {letter.subject}", f"{letter.body} {letter.extra_headers}") for letter in mail.outbox)

    def betrayed(self, canaries: list[Canary]) -> set[tuple[str, str]]:
        """Which secret lies where it does not belong."""
        sealing.seal()
        return {
            (place, canary.name)
            for place, text in self.all()
            for canary in canaries
            if place not in canary.carriers and canary.lies_in(text)
        }


def everything_stored() -> str:
    """Every column of every table as text; bytes as they are."""
    rows: list[str] = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f"SELECT * FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608  our own table names
            rows += [str([_text(value) for value in row if not isinstance(value, int)]) for row in cursor.fetchall()]
    return "\n".join(rows)


def _text(value: Any) -> str:
    if isinstance(value, bytes | memoryview):
        return f"{bytes(value)!r} {bytes(value).hex()} {base64.b64encode(value).decode()}"
    return f"{value} {opened(value)}" if isinstance(value, str) else str(value)


def opened(text: str) -> str:
    """What a signed cookie or the data of a session says; nothing when it is neither."""
    found = SIGNED.fullmatch(text)
    if found is None:
        return ""
    try:
        raw = signing.b64_decode(found["said"].encode())
        return (zlib.decompress(raw) if found["packed"] else raw).decode("utf-8", "replace")
    except (binascii.Error, ValueError, zlib.error):
        return ""


def _read(body: bytes) -> str:
    """What a page or a file says; a workbook is a folder of texts, packed."""
    if not body.startswith(b"PK"):
        return body.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return "\n".join(packed.read(name).decode("utf-8", "replace") for name in packed.namelist())


@pytest.fixture
def places(monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture) -> Iterator[Places]:
    """Everything is seen from here on: each answer to a browser, each task, each line of the log down to its details."""
    found, ask = Places(log=caplog), Client.request

    def asked(client: Client, **request: Any) -> Any:
        answer = ask(client, **request)
        body = b"".join(answer) if getattr(answer, "streaming", False) else answer.content
        found.pages.append((f"page {request.get('PATH_INFO')}", f"{_read(body)} {answer.headers}"))
        found.cookies += [(f"cookie {name}", f"{one.value} {opened(one.value)}") for name, one in answer.cookies.items()]
        return answer

    def published(sender: Any = None, body: Any = None, headers: Any = None, **_: Any) -> None:
        found.tasks.append(f"{sender} {body} {headers}")

    monkeypatch.setattr(Client, "request", asked)
    before_task_publish.connect(published)
    caplog.set_level("DEBUG")
    yield found
    before_task_publish.disconnect(published)
