"""What a connector is: one class that tells one kind of connected system who uses MFA.

Adding one: a module here, its line in the setting MFA_CONNECTORS, and the contract test runs against it.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import ClassVar

import structlog

from policies.connectors.options import Chosen, Option, Words
from policies.models import ConnectedSystem
from vault.fields import unseal
from vault.keyring import CannotOpen

log = structlog.get_logger(__name__)


class Capability(StrEnum):
    """Why repeating a change does no harm (R-224), or that it may."""

    KEYED = "keyed"  # the system knows a key it has seen
    SET_STATE = "set-state"  # the state is set, not toggled, and can be read back
    MAY_APPLY_TWICE = "may-apply-twice"


@dataclass(frozen=True)
class Change:
    """What a system is to learn: the state of one account at one revision. `key` is the same at every attempt.

    `asked_at`: what a system answered before, it answered before a person had it passed on again; None: any answer counts.
    `due_at`: since when it may be passed on; None: it waits for no others.
    """

    account: str
    state: str
    revision: int
    key: str
    asked_at: datetime | None = None
    due_at: datetime | None = None


class Failure(Exception):
    """A change was not confirmed; `why` is kept and shown to staff: a few words, nothing a system sent.

    `maybe_applied`: no answer came, so the system may have done it all the same; `told` are the keys of the changes of which
    that is true, None all that have no answer yet.
    """

    maybe_applied = False
    told: frozenset[str] | None = None

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


class Transient(Failure):
    """Trying again later helps.

    `is_expected`: it concerns this change alone or takes its time, and the system is none the worse for it. `is_taken`: the
    system has taken it just now, so it is up, and has yet to confirm it.
    """

    def __init__(
        self,
        why: str,
        *,
        retry_after: timedelta | None = None,
        maybe_applied: bool = False,
        is_expected: bool = False,
        is_taken: bool = False,
    ) -> None:
        super().__init__(why)
        self.retry_after = retry_after
        self.maybe_applied = maybe_applied
        self.is_expected = is_expected
        self.is_taken = is_taken


class NotYet(Transient):
    """Nothing was said to the system: the change waits so long for others that are passed on together with it."""

    def __init__(self, why: str, wait: timedelta) -> None:
        super().__init__(why, is_expected=True)
        self.wait = wait


class Permanent(Failure):
    """The system refuses this change for good: a person is needed."""


class Unknown(Permanent):
    """The system knows no such account."""


class Outdated(Failure):
    """The system knows a newer revision of this account already."""


class Configuration(Failure):
    """Nothing can be passed on to this system until its settings are corrected."""


Kept = Transient | Permanent | Outdated  # failures of one change


@dataclass(frozen=True)
class Answer:
    """What became of one change: confirmed unless there is a failure. `more`: the next answer came with it, and is there already."""

    change: Change
    failure: Kept | None = None
    more: bool = False


def together(answers: Sequence[Answer]) -> Iterator[Answer]:
    """Answers that came at once."""
    for number, answer in enumerate(answers, start=1):
        yield replace(answer, more=number < len(answers))


class Connector(ABC):
    """Speaks to one connected system."""

    code: ClassVar[str]
    capability: ClassVar[Capability]
    label: ClassVar[Words]
    options: ClassVar[tuple[Option, ...]] = ()
    needs_address: ClassVar[bool] = True
    needs_credentials: ClassVar[bool] = True
    pause: timedelta = timedelta()  # between two batches that are not full

    def __init__(self, system: ConnectedSystem) -> None:
        self.system = system
        self.chosen = Chosen(self.options, system.options)
        if self.chosen.missing:
            raise Configuration(f"settings are missing: {', '.join(self.chosen.missing)}")
        if problem := self.objection(self.chosen):
            raise Configuration(problem)

    @classmethod
    def gathers(cls, chosen: Chosen) -> timedelta:
        """For how long changes are gathered before they are passed on together; nobody calls them late before that."""
        return timedelta()

    @classmethod
    def objection(cls, chosen: Chosen) -> str:
        """Why these values cannot be meant together, as `why` of a failure; empty when they can."""
        return ""

    @classmethod
    def objection_to_secret(cls, secret: str) -> str:
        """Why these credentials can be none for this connector, as `why` of a failure; empty when they can."""
        return ""

    def apply(self, changes: Sequence[Change]) -> Iterator[Answer]:
        """Tell the system, answer by answer; Transient or Configuration when it cannot be told anything now.

        Never called inside a transaction. Whoever reads the answers may stop at any of them. A system that takes many
        changes at once overrides this method instead of `tell`.
        """
        for change in changes:
            try:
                self.tell(change)
            except (Transient, Permanent, Outdated) as failure:
                yield Answer(change, failure)
            except Configuration:
                raise
            except Exception as error:  # a fault of the connector costs this change an attempt, not the others
                log.exception("connector failed", system=self.system.code)
                yield Answer(change, Transient(f"unexpected {type(error).__name__}", maybe_applied=True))
            else:
                yield Answer(change)

    @abstractmethod
    def tell(self, change: Change) -> None:
        """Return once the system has confirmed this very change; raise one of the failures otherwise."""

    @property
    def reads_back(self) -> bool:
        """Whether `read` can be called."""
        return self.capability == Capability.SET_STATE

    def read(self, accounts: Sequence[str]) -> dict[str, str]:
        """The state that the system itself holds for each of these accounts: `on`, `off` or `other`; without those it does not know.

        Changes nothing. Transient or Configuration when it cannot be asked.
        """
        raise Configuration("this system cannot be asked")

    def read_in_time(self, accounts: Sequence[str]) -> dict[str, str | None]:
        """The same within half a lease: of as many as the system answers for in that time, the first at least; None: it knows no such account."""
        states = self.read(accounts)
        return {account: states.get(account) for account in accounts}

    @abstractmethod
    def try_connection(self) -> None:
        """Return when the system can be reached with these settings and accepts the credentials; a failure otherwise.

        Changes nothing for any account.
        """

    def close(self) -> None:  # noqa: B027  most have nothing open
        """Let go of what is open."""

    def secret(self) -> str:
        """The sealed credentials; Configuration when there are none that can be read and used."""
        try:
            secret = unseal(self.system, "credentials").decode()
        except (CannotOpen, UnicodeDecodeError):
            raise Configuration("the secret is missing or cannot be read") from None
        if problem := self.objection_to_secret(secret):
            raise Configuration(problem)
        return secret
