"""What tests of the seals have in common."""

from pathlib import Path
from typing import Any

import pytest

from audit.catalogue import EventName
from audit.models import Seal
from audit.seals.sealing import newest, seal, unpacked
from tests.audit.by_hand import BATCHES, recorded
from tests.audit.test_retention import retired, sealed

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
    path.write_bytes(newest().head.line())  # type: ignore[union-attr]
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
    head.write_bytes(newest().head.line())  # type: ignore[union-attr]
    recorded(2)
    return head
