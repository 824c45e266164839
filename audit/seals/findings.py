"""What a verification finds: which seal, which event, and what is wrong with it, in a sentence an auditor can quote."""

import json
from dataclasses import dataclass
from typing import Any, Final

LARGEST_ID: Final = 2**63 - 1
SMALLEST_ID: Final = -(2**63)


@dataclass(frozen=True, order=True)
class Finding:
    """The first one by seal and number is the first bad row. `number` 0: the seal itself, before any of its events."""

    seal: int
    number: int
    kind: str
    sentence: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.sentence}"


def named(number: int, form: bytes | None, event_id: int | None = None) -> str:
    """An event by its number and whatever else is known of it; what an altered row says of itself is said as such."""
    facts = _facts(form)
    if not facts:
        return f"event number {number}" + (f" (id {event_id})" if event_id is not None else "")
    return f"event number {number} (id {facts.get('id')}, {facts.get('name')}, {facts.get('at')}, uid {facts.get('uid')})"


def _facts(form: bytes | None) -> dict[str, Any]:
    facts = json.loads(form) if form else {}
    return {} if "unreadable" in facts else facts
