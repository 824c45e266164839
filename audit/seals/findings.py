"""What a verification finds: which seal, which event, and what is wrong with it, in a sentence an auditor can quote."""

import json
from dataclasses import dataclass
from typing import Any, Final

SMALLEST_ID: Final = -(2**63)


@dataclass(frozen=True, order=True)
class Finding:
    """The first one by seal and number is the first bad row. `number` 0: the seal itself, before any of its events."""

    seal: int
    number: int
    kind: str
    sentence: str

    def __str__(self) -> str:
        """In signs that can be printed: an altered row may say something that looks like words of ours."""
        text = f"{self.kind}: {self.sentence}"
        return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


def named(number: int, form: bytes | None, event_id: int | None = None) -> str:
    """An event by its number and whatever else is known of it; what an altered row says of itself is said as such."""
    facts = _facts(form)
    if not facts:
        return f"event number {number}" + (f" (id {event_id})" if event_id is not None else "")
    return f"event number {number} (id {facts.get('id')}, {facts.get('name')}, {facts.get('at')}, uid {facts.get('uid')})"


def _facts(form: bytes | None) -> dict[str, Any]:
    try:
        facts = json.loads(form) if form else {}
    except (ValueError, RecursionError):  # PostgreSQL holds numbers and depths that Python does not read
        return {}
    return {} if "unreadable" in facts else facts
