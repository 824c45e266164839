"""What a person may verify with, one entry per method and way."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from methods.allowance import allowance_of
from methods.contract import Label, Way
from methods.models import RegisteredMethod
from methods.registry import kind


@dataclass(frozen=True)
class Option:
    """One entry of "Use a different verification option"."""

    method: RegisteredMethod
    way: Way

    @property
    def label(self) -> Label:
        """The words on it."""
        return kind(self.method.kind).describe(self.method, self.way)

    @property
    def icon(self) -> str:
        """Its picture."""
        return self.way.icon or kind(self.method.kind).icon

    @property
    def again(self) -> Label:
        """The button that asks once more."""
        return self.way.again or _("Send a new code")

    @property
    def nothing_came(self) -> Label:
        """The question before that button."""
        return self.way.nothing_came or _("No message after half a minute?")

    @property
    def trouble(self) -> Label:
        """What the page says when what asks could not be sent."""
        return self.way.trouble or _("The message could not be sent. Send a new code, or use a different verification option.")

    @property
    def is_default(self) -> bool:
        """Whether sign-in asks this first."""
        return self.method.is_default and self.way == kind(self.method.kind).ways_of(self.method)[0]


def options(methods: Iterable[RegisteredMethod]) -> list[Option]:
    """Every way of every one of `methods`, which are usable; what was declared not to work comes last."""
    found = [Option(method, way) for method in methods for way in kind(method.kind).ways_of(method)]
    return sorted(found, key=lambda one: allowance_of(one.method.account).is_out(one.method.kind, one.way.code))


def option(methods: Iterable[RegisteredMethod], method: object, way: str = "") -> Option | None:
    """The one that a page names; None when it is not of these methods or not one of its ways."""
    mine = [one for one in options(methods) if str(one.method.pk) == str(method)]
    return next((one for one in mine if one.way.code == way), mine[0] if mine and not way else None)
