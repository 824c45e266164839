"""The policy that is in force: one small query says which version; what it says is read once per process."""

import uuid
from functools import lru_cache

from django.db.models import QuerySet, Subquery
from django.db.models.functions import Now

from accounts.models import Account
from policies.models import Outage, PolicyVersion
from policies.models.outages import OutageState
from policies.models.versions import Subject, VersionState
from policies.rulebook.content import Book
from policies.rulebook.contingency import Declared, contingency_from_json
from policies.rulebook.starting import starting_book
from policies.rulebook.storing import from_json


def current_book() -> Book:
    """The version in force, by whichever process it was switched on; what the settings say where there is none yet."""
    row = _in_force().values_list("uid", _declared()).first()
    return starting_book() if row is None else _book(*row)


def with_book(accounts: QuerySet[Account]) -> QuerySet[Account]:
    """Accounts that bring along, from the same statement, which version is in force; for `book_along`."""
    return accounts.annotate(version_along=Subquery(_in_force().values("uid")[:1]), outage_along=_declared())


def book_along(account: Account) -> Book:
    """The version that was in force when `with_book` read this account, else `current_book`. For a page; a verb asks anew."""
    known = vars(account)
    if "version_along" not in known:
        return current_book()
    version = known["version_along"]
    return starting_book() if version is None else _book(version, known["outage_along"])


def _in_force() -> QuerySet[PolicyVersion]:
    return PolicyVersion.objects.filter(subject=Subject.REQUIREMENTS, state=VersionState.IN_FORCE)


def _declared() -> Subquery:
    """The outage that counts now: it is over by itself, by the database's clock."""
    return Subquery(Outage.objects.filter(state=OutageState.ON, ends_at__gt=Now()).values("uid")[:1])


def _book(version: uuid.UUID, outage: uuid.UUID | None) -> Book:
    return _with_outage(version, outage) if outage else _loaded(version)


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
