"""What tests of the seals have in common."""

from collections.abc import Callable
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Seal
from audit.record import record
from audit.seals.sealing import seal, unpacked
from tests.audit.by_hand import BATCHES, newest_head, recorded
from tests.audit.judging import EVENTS, Lines, judged, retired, sealed

OLD = [EventName.SIGNIN_SUCCEEDED, EventName.METHOD_REMOVED, EventName.SIGNIN_REFUSED, EventName.METHOD_RENAMED]


@pytest.fixture
def ids(db: None) -> list[int]:
    """Twenty-five events in four seals; their ids in the order of their numbers."""
    for count in BATCHES:
        recorded(count)
        seal()
    return [one for packed_ids in Seal.objects.order_by("number").values_list("event_ids", flat=True) for one in unpacked(packed_ids)]


@pytest.fixture
def kept(ids: list[int], tmp_path: Path) -> Path:
    """The newest head, as it had left the host."""
    path = tmp_path / "head.json"
    path.write_bytes(newest_head().line())
    return path


@pytest.fixture
def past(monkeypatch: pytest.MonkeyPatch, settings: Any, tmp_path: Path) -> Path:
    """Three months of which a rule has taken half, five seals since; the head that left the host."""
    for days in (700, 650, 600):
        sealed(monkeypatch, days, OLD)
    settings.MFA_AUDIT_KEEP = ["signin=400"]
    retired()
    for count in (0, 5, 7, 4, 6):
        recorded(count)
        seal()
    head = tmp_path / "head.json"
    head.write_bytes(newest_head().line())
    recorded(2)
    return head


@pytest.fixture
def export(hana: Account, ken: Account, tmp_path: Path) -> Path:
    """Twenty-two events in four seals, and two that no seal holds yet: lines as they leave the site."""
    for count in EVENTS:
        for number in range(count):
            record(EventName.METHOD_RENAMED, account=[hana, ken][number % 2], after={"name": f"佐藤 {number}", "leaf": '","leaf":"'})
        seal()
    record(EventName.ACCOUNT_VIEWED)
    path = tmp_path / "export.jsonl"
    call_command("audit_export", output=path, stdout=StringIO())
    return path


@pytest.fixture
def head(export: Path, tmp_path: Path) -> Path:
    path = tmp_path / "head.json"
    path.write_bytes(newest_head().line())
    return path


@pytest.fixture
def judge(export: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., tuple[int, str]]:
    """`judge(lines)`: what the verifier says of these lines."""

    def verdict(lines: Lines | None = None, *options: str) -> tuple[int, str]:
        if lines is not None:
            export.write_bytes(b"\n".join(lines) + b"\n")
        return judged(export, *options, capsys=capsys)

    return verdict
