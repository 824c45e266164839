"""The draft: at most one at a time, made from the version in force or an older one, changed step by step, each step recorded."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from django.db import transaction
from django.db.models import Max

from accounts.models import Account
from accounts.refusals import Refused
from accounts.roles import require
from audit.catalogue import EventName
from audit.record import record
from policies.clock import database_now
from policies.current import book_numbered, book_of, current_book
from policies.models import PolicyVersion
from policies.models.versions import OPEN, Subject, VersionState
from policies.rulebook.content import Book
from policies.rulebook.starting import method_rules
from policies.rulebook.storing import to_json

RIGHT = "site:configure"


def open_version() -> PolicyVersion | None:
    """The draft, or the version that waits for a second person."""
    rows = PolicyVersion.objects.filter(subject=Subject.REQUIREMENTS, state__in=OPEN)
    return rows.select_related("made_by", "asked_by").first()


def in_force() -> PolicyVersion | None:
    """The version that counts now; None while the settings do."""
    return PolicyVersion.objects.filter(subject=Subject.REQUIREMENTS, state=VersionState.IN_FORCE).first()


@transaction.atomic
def begin(*, actor: Account | None, base: int | None = None) -> PolicyVersion:
    """A draft that says what the version in force says, or what version `base` said; Refused while another one is open.

    `actor` None is whoever runs the machine.
    """
    if actor is not None:
        require(actor, RIGHT)
    if hold_open() is not None:
        raise Refused("draft-open")
    book = current_book() if base is None else book_numbered(base)
    if book is None:
        raise Refused("version-gone")
    book = replace(book, methods=method_rules(book))
    if base is not None or not book.number:
        book = with_fresh_ids(book)
    highest = PolicyVersion.objects.filter(subject=Subject.REQUIREMENTS).aggregate(most=Max("number"))["most"] or 0
    made = PolicyVersion.objects.create(
        number=highest + 1, content=to_json(book), based_on=book.number, made_by=actor, made_at=database_now()
    )
    record(EventName.POLICY_DRAFTED, actor=actor, after={"policy": made.number, "based_on": book.number})
    return made


def hold_open() -> PolicyVersion | None:
    """The open version, its row locked; every change of policies starts here."""
    return PolicyVersion.objects.select_for_update().filter(subject=Subject.REQUIREMENTS, state__in=OPEN).first()


def with_fresh_ids(book: Book) -> Book:
    """The same rules as rules of their own: nobody should take them for those of the version they come from."""
    rules = tuple(replace(rule, id=new_id()) for rule in book.rules)
    return replace(book, rules=rules, methods=tuple(replace(rule, id=new_id()) for rule in book.methods))


def new_id() -> str:
    """A name for a rule that no other rule of any version has."""
    return uuid.uuid4().hex[:12]


@dataclass(frozen=True)
class Change:
    """What somebody does to a draft, and what the record says of it."""

    make: Callable[[Book], Book]
    before: dict[str, Any] = field(default_factory=dict)
    after: dict[str, Any] = field(default_factory=dict)


@transaction.atomic
def change(seen: int, wanted: Change, *, actor: Account | None) -> PolicyVersion:
    """Change the draft; Refused when it is not the one that was `seen`, counted by its edits, or waits for a second person."""
    if actor is not None:
        require(actor, RIGHT)
    draft = hold_open()
    if draft is None or draft.state != VersionState.DRAFT:
        raise Refused("draft-gone")
    if draft.edits != seen:
        raise Refused("draft-changed")
    draft.content, draft.edits = to_json(wanted.make(book_of(draft))), draft.edits + 1
    draft.save(update_fields=["content", "edits"])
    record(EventName.POLICY_EDITED, actor=actor, before=wanted.before, after={"policy": draft.number, **wanted.after})
    return draft


@transaction.atomic
def discard(*, actor: Account) -> None:
    """Throw the draft away; it is kept, and nobody can switch it on any more."""
    require(actor, RIGHT)
    draft = hold_open()
    if draft is None or draft.state != VersionState.DRAFT:
        raise Refused("draft-gone")
    draft.state = VersionState.DISCARDED
    draft.save(update_fields=["state"])
    record(EventName.POLICY_DISCARDED, actor=actor, after={"policy": draft.number})
