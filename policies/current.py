"""The policy that is in force: one small query says which version; what it says is read once per process."""

import uuid
from functools import lru_cache

from django.db.models import Subquery
from django.db.models.functions import Now

from policies.models import Outage, PolicyVersion
from policies.models.outages import OutageState
from policies.models.versions import Subject, VersionState
from policies.rulebook.content import Book
from policies.rulebook.contingency import Declared, contingency_from_json
from policies.rulebook.starting import starting_book
from policies.rulebook.storing import from_json


def current_book() -> Book:
    """The version in force, by whichever process it was switched on; what the settings say where there is none yet."""
    in_force = PolicyVersion.objects.filter(subject=Subject.REQUIREMENTS, state=VersionState.IN_FORCE)
    declared = Outage.objects.filter(state=OutageState.ON, ends_at__gt=Now()).values("uid")[:1]  # over by itself, by the database's clock
    row = in_force.values_list("uid", Subquery(declared)).first()
    return starting_book() if row is None else _with_outage(*row) if row[1] else _loaded(row[0])


def book_of(version: PolicyVersion) -> Book:
    """What any version says, drafts included."""
    return from_json(version.content, number=version.number, uid=str(version.uid))


def book_numbered(number: int) -> Book | None:
    """What the version with this number says, for explaining an old decision; None when there is none."""
    if not number:
        return starting_book()
    uid = PolicyVersion.objects.filter(subject=Subject.REQUIREMENTS, number=number, in_force_at__isnull=False).values_list("uid", flat=True)
    found = uid.first()
    return _loaded(found) if found else None


@lru_cache(maxsize=4)
def _with_outage(uid: uuid.UUID, outage: uuid.UUID) -> Book:
    """What was agreed to never changes either."""
    row = Outage.objects.get(uid=outage)
    return _loaded(uid).with_outage(Declared(str(outage), contingency_from_json(row.content), row.ends_at))


@lru_cache(maxsize=16)
def _loaded(uid: uuid.UUID) -> Book:
    """By a random name, so that what is kept can only be that version: it never changes once it has been in force."""
    return book_of(PolicyVersion.objects.get(uid=uid))
