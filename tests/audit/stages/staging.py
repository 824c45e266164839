"""A stage for an event: what is made ready, what is then done by a real address or verb, and what its one record has to say.

A stage is a generator that takes fixtures by name. What stands before its `yield` makes ready; what stands behind it is done and watched.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.test import Client

from accounts.models import Account
from audit.catalogue import EventName
from tests.factories import signed_in

Play = Callable[..., Iterator[None]]
BROWSER = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0"
CAST = {"hana": "1000000001", "ken": "1000000002", "hiro": "1000000003", "sato": "1000000004", "aki": "1000000005", "ada": "1000000006"}

# Which circumstances are known, by where it is done; nothing else may be filled in.
REQUEST = frozenset({"address", "browser", "request_id"})
DOOR = REQUEST | {"attempt"}
PAGE = REQUEST | {"session", "verified_with"}
CASE = PAGE | {"case"}
SITE: frozenset[str] = frozenset()
WHERE = CASE | DOOR | {"approver"}


@dataclass(frozen=True)
class Stage:
    """`on` and `by` are members of the cast (or a Common ID): whose account, and who acted; nobody means the site itself."""

    play: Play
    on: str
    by: str
    at: frozenset[str]
    before: frozenset[str]
    after: frozenset[str]
    reason: bool

    @property
    def actor_kind(self) -> str:
        """What `by` is to `on`."""
        return "system" if not self.by else "self" if self.by == self.on else "staff"


STAGES: dict[EventName, Stage] = {}


def stage(  # noqa: PLR0913  one line of data for each event
    name: EventName, *, on: str = "", by: str = "", at: frozenset[str] = SITE, before: str = "", after: str = "", reason: bool = False
) -> Callable[[Play], Play]:
    """Enter a stage for the event; `before` and `after` are the names of the facts that are kept."""

    def enter(play: Play) -> Play:
        assert name not in STAGES, f"{name} has a stage already"
        STAGES[name] = Stage(play, on, by, at, frozenset(before.split()), frozenset(after.split()), reason)
        return play

    return enter


def browser(account: Account | None = None, **how: Any) -> Client:
    """A browser that says what it is; signed in as this account and verified just now."""
    client = Client(HTTP_USER_AGENT=BROWSER)
    if account is not None:
        signed_in(client, account, **how)
    return client
