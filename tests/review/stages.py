"""For each detector: what it must find, what it must leave alone, and what stands just at its limit."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from policies.models import Termination
from policies.models.applications import TerminationState
from tests.factories import a_phone, a_totp_app, an_account
from tests.helpdesk.conftest import a_request

NOW = timezone.now()
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


def happened(name: EventName, account: Account, ago: timedelta, *, actor: Account | None = None, **fields: object) -> Event:
    """An event so long ago."""
    by = actor or account
    known = {
        "account_id": account.pk,
        "account_label": account.common_id,
        "actor_id": by.pk,
        "actor_label": by.common_id,
        "actor_kind": "self" if by == account else "staff",
    }
    return Event.objects.create(at=NOW - ago, name=name, **(known | fields))


@dataclass(frozen=True)
class Stage:
    """`found` makes what is found once; each of `left` what is not."""

    found: Callable[[], object]
    left: tuple[Callable[[], object], ...]


def swapped(after: timedelta = HOUR, *, deleted: str = "2", name: str = "old") -> Callable[[], None]:
    def play() -> None:
        person = an_account()
        happened(EventName.METHOD_REGISTERED, person, DAY + after, after={"method": "1", "name": "new"}, verified_with="totp")
        happened(EventName.METHOD_REMOVED, person, DAY, before={"method": deleted, "name": name})

    return play


def of_two_people() -> None:
    happened(EventName.METHOD_REGISTERED, an_account(), DAY, after={"method": "1", "name": "new"})
    happened(EventName.METHOD_REMOVED, an_account(), DAY - MINUTE, before={"method": "2", "name": "old"})


def deleted_first() -> None:
    person = an_account()
    happened(EventName.METHOD_REMOVED, person, DAY + MINUTE, before={"method": "2", "name": "old"})
    happened(EventName.METHOD_REGISTERED, person, DAY, after={"method": "1", "name": "new"})


def reset(address: str, *, after: timedelta = 72 * HOUR, known: str = "192.0.2.1") -> Callable[[], None]:
    def play() -> None:
        person, agent = an_account(), an_account(roles=("senior-helpdesk",))
        if known:
            happened(EventName.SIGNIN_SUCCEEDED, person, 20 * DAY, address=known)
        happened(EventName.METHODS_RESET, person, 10 * DAY, actor=agent)
        happened(EventName.SIGNIN_SUCCEEDED, person, 10 * DAY - after, address=address)

    return play


def first_method(address: str = "203.0.113.7", *, ago: timedelta = 35 * DAY, **fields: object) -> Callable[[], None]:
    def play() -> None:
        happened(EventName.METHOD_REGISTERED, an_account(), ago, address=address, after={"name": "App", "kind": "totp"}, **fields)

    return play


def another_method(address: str = "203.0.113.7", *, ago: timedelta = 35 * DAY, **fields: object) -> Callable[[], None]:
    """Of somebody who had one already."""

    def play() -> None:
        person = an_account()
        happened(EventName.METHOD_REGISTERED, person, 300 * DAY, attempt="first", verified_with="totp")
        happened(EventName.METHOD_REGISTERED, person, ago, address=address, after={"name": "App", "kind": "totp"}, **fields)

    return play


def two_at_once() -> None:
    person = an_account()
    for name in ("App", "Phone"):
        happened(EventName.METHOD_REGISTERED, person, DAY, attempt="one", address="203.0.113.7", after={"name": name})


def crowd(accounts: int) -> Callable[[], None]:
    def play() -> None:
        for _ in range(accounts):
            first_method()()

    return play


def with_a_pass() -> None:
    person = an_account()
    happened(EventName.ACCESS_PASS_USED, person, DAY, attempt="a")
    happened(EventName.METHOD_REGISTERED, person, DAY - MINUTE, attempt="a", after={"name": "App"})


def phones(accounts: int, number: str = "+819012345678") -> Callable[[], None]:
    def play() -> None:
        for _ in range(accounts):
            a_phone(an_account(), number)

    return play


def agents(*counts: int) -> Callable[[], None]:
    def play() -> None:
        person = an_account()
        for count in counts:
            agent = an_account(roles=("helpdesk",))
            for _ in range(count):
                happened(EventName.ACCOUNT_UNLOCKED, person, DAY, actor=agent)

    return play


def a_termination(days: timedelta, *, state: str = TerminationState.APPROVED) -> Termination:
    holder = an_account()
    a_totp_app(holder, last_signin_at=timezone.now())
    made = a_request(holder, an_account(roles=("helpdesk",)))
    made.state, made.decided_at, made.decided_by = state, NOW - days, an_account(roles=("senior-helpdesk",))
    made.ends_at = NOW + 30 * DAY
    made.save()
    return made


def decided(asker: Account, second: Account, name: EventName = EventName.TERMINATION_APPROVED) -> Event:
    """The second person has said yes to what the first had asked for."""
    both = {"requested_by": asker.common_id, "approved_by": second.common_id}
    return happened(name, an_account(), DAY, actor=second, after=both)


def pair(together: int, *, apart: int = 0) -> Callable[[], None]:
    def play() -> None:
        one, two = an_account(roles=("helpdesk",)), an_account(roles=("senior-helpdesk",))
        for _ in range(together):
            decided(one, two)
        for _ in range(apart):
            decided(one, an_account(roles=("senior-helpdesk",)))

    return play


def a_long_list() -> None:
    """One approval; what is then done on each account names the second person alone."""
    one, two = an_account(roles=("helpdesk",)), an_account(roles=("senior-helpdesk",))
    decided(one, two, EventName.BULK_APPROVED)
    for _ in range(9):
        happened(EventName.METHODS_RESET, an_account(), DAY, actor=one, after={"approved_by": two.common_id})


def half_a_year_ago() -> None:
    one, two = an_account(roles=("helpdesk",)), an_account(roles=("senior-helpdesk",))
    both = {"requested_by": one.common_id, "approved_by": two.common_id}
    for _ in range(5):
        happened(EventName.ACTION_APPROVED, an_account(), 180 * DAY + MINUTE, actor=two, after=both)


STAGES: dict[str, Stage] = {
    "swapped-methods": Stage(swapped(), (swapped(HOUR + MINUTE), swapped(MINUTE, deleted="1"), of_two_people, deleted_first)),
    "reset-new-network": Stage(
        reset("203.0.113.7"), (reset("192.0.2.1"), reset("203.0.113.7", after=72 * HOUR + MINUTE), reset("203.0.113.7", after=-MINUTE))
    ),
    "password-only": Stage(
        another_method(),
        (
            another_method(ago=35 * DAY + MINUTE),
            another_method(verified_with="totp"),
            first_method("10.1.2.3"),
            with_a_pass,
            crowd(4),
            two_at_once,
        ),
    ),
    "shared-number": Stage(phones(3), (phones(2), phones(1))),
    "institution-number": Stage(phones(1, "+81358412000"), (phones(1, "+81358422000"), phones(1, "+819058412000"))),
    "busy-agent": Stage(agents(3, 3, 4, 5, 10), (agents(3, 3, 4, 5, 9), agents(3, 40), agents(10, 10, 10, 10), agents(10, 11, 12, 13))),
    "long-termination": Stage(
        lambda: a_termination(90 * DAY + MINUTE),
        (lambda: a_termination(90 * DAY), lambda: a_termination(99 * DAY, state=TerminationState.ENDED)),
    ),
    "same-pair": Stage(pair(5, apart=1), (pair(4), pair(5, apart=2), a_long_list, half_a_year_ago)),
}
