"""The events of an account as its holder reads them: no secrets, numbers masked, of staff the role alone."""

import uuid
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.badge import Badged
from accounts.browsers import recognised
from accounts.models import RoleGrant, SessionRecord
from accounts.roles import ROLES
from audit.catalogue import EventName
from audit.models import Event
from audit.terms import value_words
from audit.wording import wording
from methods.disowning import DISOWNABLE
from methods.models import Report
from policies.current import current_book
from policies.networks import name_of
from policies.rulebook.content import Book

Words = str | Promise
# Where the auditors' title would leave a holder guessing.
TITLES: dict[str, Words] = {
    EventName.PASSWORD_ACCEPTED: gettext_lazy("The right password was entered, and the sign-in was not finished"),
    EventName.PASSWORD_HELD: gettext_lazy("A password was not checked: too many wrong ones before"),
    EventName.CHALLENGE_HELD: gettext_lazy("A code was not checked: too many wrong ones before"),
    EventName.ACCOUNT_VIEWED: gettext_lazy("Your account was looked at"),
    EventName.CHALLENGE_REPORTED: gettext_lazy("You reported a request"),
    EventName.ACTIVITY_REPORTED: gettext_lazy("You reported something as not your own"),
}
REPORTS = frozenset({EventName.CHALLENGE_REPORTED, EventName.ACTIVITY_REPORTED})  # the reader's own
DETAILS = ("what", "rule", "why", "problem", "system", "until")  # said as they are, in this order


@dataclass(frozen=True)
class Row:
    """One line of the list."""

    event: Event
    title: Words
    icon: str
    tone: str
    who: Words
    details: list[str]
    where: str
    browser: Words
    verified_with: str
    can_disown: bool
    reported: bool


def rows_of(events: Sequence[Event], request: Badged) -> list[Row]:
    """Three queries at most, however many events there are."""
    desks = _desks(events, request)
    roles = _roles({pk for event in events if (pk := _staff(event, desks))})
    asked = [event.uid for event in events if event.name in DISOWNABLE]
    reported = set(Report.objects.filter(account=request.user, event__in=asked).values_list("event", flat=True)) if asked else set()
    book = current_book()
    return [_row(event, _Known(desks, roles, reported, book, request)) for event in events]


def one_row(event: Event, request: Badged) -> Row:
    """The same for one event."""
    return rows_of([event], request)[0]


def _desks(events: Iterable[Event], request: Badged) -> dict[str, int]:
    """Sessions of staff in which something came about in a case, whoever did it: what a caller reads out is judged at the desk."""
    sessions = {event.session for event in events if event.case and event.session and event.actor_kind != "staff"}
    if not sessions:
        return {}
    theirs = SessionRecord.objects.filter(uid__in=sessions, account__isnull=False).exclude(account=request.user)
    return {str(uid): pk for uid, pk in theirs.values_list("uid", "account_id") if pk}


def _staff(event: Event, desks: Mapping[str, int]) -> int | None:
    """The member of staff who did it, or in whose session it came about; nothing but the role of theirs is told."""
    return event.actor_id if event.actor_kind == "staff" else desks.get(event.session)


def _roles(ids: Iterable[int]) -> dict[int, Words]:
    """The highest role of each member of staff: who they are is not told."""
    held: dict[int, Words] = {}
    if not (wanted := list(ids)):
        return held
    grants = [one for one in RoleGrant.objects.filter(account__in=wanted).values_list("account_id", "role") if one[1] in ROLES]
    for pk, code in sorted(grants, key=lambda grant: ROLES[grant[1]].rank):
        held[pk] = ROLES[code].label
    return held


@dataclass(frozen=True)
class _Known:
    """What was read once for all rows."""

    desks: dict[str, int]
    roles: dict[int, Words]
    reported: set[uuid.UUID | None]
    book: Book
    request: Badged


def _row(event: Event, known: _Known) -> Row:
    words, staff = wording(event), _staff(event, known.desks)
    by_staff = staff is not None
    address = "" if by_staff else str(event.after.get("asked_from") or event.address or "")
    here = event.name == EventName.SIGNIN_SUCCEEDED and event.session == str(known.request.badge.uid)
    return Row(
        event,
        title=TITLES.get(event.name, words.title),
        icon=_icon(event),
        tone="neutral" if event.name in REPORTS else words.severity.value,
        who=known.roles.get(staff, _("staff")) if staff is not None else _who(event),
        details=_details(event),
        where=f"{address} · {name_of(address, known.book)}" if address else "",
        browser=recognised(event.browser).name if event.browser and not by_staff else "",
        verified_with=_verified(event) if not by_staff else "",
        can_disown=event.name in DISOWNABLE and event.uid not in known.reported and not here,
        reported=event.uid in known.reported,
    )


def _who(event: Event) -> Words:
    if event.actor_kind == "self":
        return _("with your account")
    return "" if event.address or event.after.get("asked_from") else _("this site")  # else a stranger, of whom no more is known


def _verified(event: Event) -> str:
    """With what the person was verified; that a password alone was enough is worth knowing at a sign-in."""
    words = value_words("kind", event.after.get("verified_with") or event.verified_with)
    if words:
        return _("Verified with: %(kind)s") % {"kind": words}
    return _("Password only") if event.name == EventName.SIGNIN_SUCCEEDED else ""


def _details(event: Event) -> list[str]:
    facts = event.before | event.after
    named = str(facts.get("name") or "")
    kind = value_words("kind", facts.get("kind"))
    method = " · ".join(filter(None, (f"“{named}”" if named else "", kind, str(facts.get("hint") or ""))))
    return [*([method] if method else []), *(words for key in DETAILS if (words := value_words(key, facts.get(key))))]


ICONS = {"signin": "key", "password": "lock", "session": "sign-out", "account": "person", "method": "shield", "methods": "shield"}


def _icon(event: Event) -> str:
    return ICONS.get(event.name.split(":")[0], "history")
