"""The method policy: what people may register and verify with. The first rule that speaks of a person counts, whole; the last is for everybody."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from methods.allowance import Attestation
from policies.rulebook.scope import Scoped


@dataclass(frozen=True, kw_only=True)
class MethodRule(Scoped):
    """Which kinds of method, in the institution's order, and what they must be like. A kind that is not named is not allowed."""

    order: tuple[str, ...] = ()
    last_days: Mapping[str, date] = field(default_factory=dict)  # of kinds that end: no new ones, and none verifies after that day
    limits: Mapping[str, int] = field(default_factory=dict)
    countries: tuple[str, ...] = ()
    refused_prefixes: tuple[str, ...] = ()
    refused_domains: tuple[str, ...] = ()
    call_digits: bool = False
    attestation: Attestation = Attestation.NONE
    authenticators: tuple[str, ...] = ()  # AAGUIDs

    def ends(self, kind: str, day: date) -> bool:
        """Whether methods of this kind verify no more on this day."""
        return kind not in self.order or self.last_days.get(kind, day) < day


def check(rules: tuple[MethodRule, ...]) -> tuple[MethodRule, ...]:
    """The same rules; ValueError where somebody would be left without any, or the last day of a kind is that of no kind."""
    if rules and not rules[-1].is_for_everybody:
        raise ValueError("the last rule about methods is not for everybody")
    if any(set(rule.last_days) - set(rule.order) for rule in rules):
        raise ValueError("a kind that is not allowed has a last day")
    return rules


def kinds_refused(old: tuple[MethodRule, ...], new: tuple[MethodRule, ...], day: date) -> set[str]:
    """Kinds that some rule of the new ones does not allow on this day, where the rules have changed at all."""
    if old == new:
        return set()
    return {kind for rule in (*old, *new) for kind in rule.order if any(one.ends(kind, day) for one in new)}
