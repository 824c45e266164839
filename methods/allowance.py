"""What the institution lets an account register and verify with: asked here, answered by the floor that knows its policy (C-04, R-070)."""

import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, gettext

from accounts.models import Account
from methods.eligibility import NobodyKnows


class Attestation(StrEnum):
    """What a security key or passkey must say of its make when it is registered."""

    NONE = "none"
    ANY = "any"  # signed by some maker
    LISTED = "listed"  # signed by the maker of one of the listed models


@dataclass(frozen=True)
class Outage:
    """Ways of verifying that do not work just now, as was declared for some people (`push.approve`); until when it counts."""

    uid: str
    name_en: str
    name_ja: str
    ways: frozenset[str]
    until: datetime

    @property
    def sentence(self) -> str:
        """For those whom it affects."""
        name = self.name_ja if get_language() == "ja" else self.name_en
        until = date_format(localtime(self.until), "DATETIME_FORMAT")
        return gettext("%(name)s: you are asked in other ways first, until %(until)s at the latest.") % {"name": name, "until": until}


@dataclass(frozen=True)
class Allowance:
    """What one account may register and verify with on one day. What is not named is not allowed."""

    kinds: tuple[str, ...]  # codes of kinds, in the institution's order
    closed: frozenset[str] = frozenset()  # those of them of which no new ones are registered
    last_days: Mapping[str, date] = field(default_factory=dict)  # of kinds that end: the last day on which they verify
    limits: Mapping[str, int] = field(default_factory=dict)  # how many of a kind, where fewer than the kind itself allows
    countries: tuple[str, ...] = ()  # of telephone numbers, ISO 3166; the first is preselected
    refused_prefixes: tuple[str, ...] = ()  # of telephone numbers, E.164
    refused_domains: tuple[str, ...] = ()  # of recovery addresses, with all below them
    call_digits: bool = False  # calls ask for the digits on the screen and then #
    attestation: Attestation = Attestation.NONE
    authenticators: frozenset[uuid.UUID] = frozenset()  # AAGUIDs of the listed models
    outage: "Outage | None" = None

    def allows(self, kind: str) -> bool:
        """Whether what is registered of this kind may be used."""
        return kind in self.kinds

    def takes(self, kind: str) -> bool:
        """Whether a new one may be registered."""
        return kind in self.kinds and kind not in self.closed

    def rank(self, kind: str) -> int:
        """The place of a kind in the institution's order, the first being 0; kinds that are not allowed come last."""
        return self.kinds.index(kind) if kind in self.kinds else len(self.kinds)

    def is_out(self, kind: str, way: str) -> bool:
        """Whether this way does not work just now, as was declared: it is asked last."""
        return self.outage is not None and f"{kind}.{way}" in self.outage.ways

    def limit(self, kind: str, most: int) -> int:
        """How many of a kind one account may register; never more than the kind itself allows."""
        return min(most, self.limits.get(kind, most))


@dataclass(frozen=True)
class Rules:
    """Who knows the policy: of one account, and of those whom nothing special is said of."""

    of_account: Callable[[Account], Allowance]
    of_everybody: Callable[[], Allowance]


_rules: list[Rules] = []
KEPT = "_allowance"


def hand_down(rules: Rules) -> None:
    """Answer by these rules from now on. Called from AppConfig.ready."""
    _rules[:] = [rules]


def allowance_of(account: Account) -> Allowance:
    """What this account may register and verify with now; asked once for each row that was read. NobodyKnows without rules."""
    known = vars(account).get(KEPT)
    return known if isinstance(known, Allowance) else remember(account, _known().of_account(account))


def remember(account: Account, allowance: Allowance) -> Allowance:
    """Remember what was just found out for this row; a row that is read again is asked about again."""
    vars(account)[KEPT] = allowance
    return allowance


def everybody() -> Allowance:
    """What counts where no account is in question."""
    return _known().of_everybody()


def _known() -> Rules:
    if not _rules:
        raise NobodyKnows("allowance")
    return _rules[0]
