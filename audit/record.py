"""The only writer of events. Called inside the verb's transaction: no row, no change (R-180)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Protocol

from django.utils import timezone

from audit.bulk import columns_of, insert
from audit.catalogue import EventName
from audit.context import Where, where
from audit.models import Event


class Person(Protocol):
    """What this floor needs to know of an account."""

    pk: int
    common_id: str


@dataclass(frozen=True)
class Happening:
    """What happened, and to whom; `before` and `after` never hold secrets."""

    name: EventName
    account: Person | None = None
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


def record(
    name: EventName,
    *,
    account: Person | None = None,
    actor: Person | None = None,
    reason: str = "",
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> Event:
    """Insert one event; `actor` None means the site itself. `before` and `after` never hold secrets."""
    event = _event(Happening(name, account, before or {}, after or {}), actor, reason)
    event.save(force_insert=True)
    return event


def record_about(event: Event, name: EventName, *, actor: Person, reason: str) -> Event:
    """Insert an event on the account of another event, which is told by its id."""
    about = _About(event.account_id, event.account_label) if event.account_id else None
    return record(name, account=about, actor=actor, reason=reason, after={"event": str(event.uid)})


@dataclass
class _About:
    pk: int
    common_id: str


def record_many(happenings: Iterable[Happening], *, actor: Person | None = None, reason: str = "") -> None:
    """Insert the events of a verb that acts on many accounts, in this order."""
    insert(Event, columns_of(Event, [_event(happening, actor, reason) for happening in happenings]))


def _event(happening: Happening, actor: Person | None, reason: str) -> Event:
    account, here = happening.account, where()
    return Event(
        at=timezone.now(),
        name=EventName(happening.name).value,
        account_id=account.pk if account else None,
        account_label=account.common_id if account else "",
        actor_id=actor.pk if actor else None,
        actor_label=actor.common_id if actor else "",
        actor_kind=_kind(account, actor),
        reason=reason,
        before=happening.before,
        after=happening.after | _beside(here),
        verified_with=here.verified_with,
        address=here.address,
        browser=here.browser,
        request_id=here.request_id,
        attempt=here.attempt,
        session=here.session,
    )


def _beside(here: Where) -> dict[str, str]:
    """In which case, and who approved it: kept among the facts, from where the columns and indexes of the explorer take it."""
    return {key: value for key, value in (("case", here.case), ("approved_by", here.approver)) if value}


def _kind(account: Person | None, actor: Person | None) -> str:
    if actor is None:
        return "system"
    return "self" if account and account.pk == actor.pk else "staff"
