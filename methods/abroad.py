"""What of a person's methods works in another country: an app, a key and a code without any network; texts and calls where they arrive (S-136)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from methods.contract import Way
from methods.models import RegisteredMethod
from methods.options import Option, options
from methods.registry import kind


class Reach(StrEnum):
    """What the institution knows of texts, or of calls, in a country."""

    UNKNOWN = ""
    ARRIVES = "arrives"
    FAILS = "fails"


class Prospect(StrEnum):
    """Whether one way of asking works there."""

    WORKS = "works"
    ONLINE = "online"
    AT_HOME = "at-home"
    ROAMING = "roaming"
    UNSURE = "unsure"
    FAILS = "fails"


PROSPECTS: Mapping[Prospect, tuple[Promise, str, Promise]] = {
    Prospect.WORKS: (_("Works there"), "success", _("It needs no network.")),
    Prospect.ONLINE: (_("Works with an internet connection"), "success", _("Without one, the app shows a code.")),
    Prospect.AT_HOME: (_("Works there"), "success", _("It is a number of that country.")),
    Prospect.ROAMING: (_("Works with roaming"), "info", _("Ask your provider about roaming and what it costs.")),
    Prospect.UNSURE: (_("May not work there"), "warning", _("Messages and calls may not arrive, or only with roaming.")),
    Prospect.FAILS: (_("Does not work there"), "danger", _("Messages or calls do not arrive in that country.")),
}


@dataclass(frozen=True)
class Prospective:
    """One way of asking, and what to expect of it."""

    option: Option
    prospect: Prospect

    @property
    def chip(self) -> Promise:
        """The verdict in a few words."""
        return PROSPECTS[self.prospect][0]

    @property
    def tone(self) -> str:
        """The colour of the verdict."""
        return PROSPECTS[self.prospect][1]

    @property
    def why(self) -> Promise:
        """The sentence behind it."""
        return PROSPECTS[self.prospect][2]


def prospects(methods: Iterable[RegisteredMethod], country: str, reach: Mapping[str, Reach]) -> list[Prospective]:
    """Every way of every one of `methods`; `reach` says by the code of a way how it reaches phones in that country."""
    return [Prospective(one, _prospect(one.method, one.way, country, reach)) for one in options(methods)]


def _prospect(method: RegisteredMethod, way: Way, country: str, reach: Mapping[str, Reach]) -> Prospect:
    if not way.sends:
        return Prospect.ONLINE if way.waits else Prospect.WORKS
    if country and kind(method.kind).home_of(method) == country:
        return Prospect.AT_HOME
    known = {Reach.FAILS: Prospect.FAILS, Reach.ARRIVES: Prospect.ROAMING}
    return known.get(reach.get(way.code, Reach.UNKNOWN), Prospect.UNSURE)
