"""Which connected systems can use a method: asked here, answered by the floor that knows them (S-14, S-66)."""

from enum import StrEnum
from typing import Protocol


class Ability(StrEnum):
    """What a connected system may be able to do; the value is its column."""

    SECURITY_KEYS = "takes_security_keys"
    APP_PASSWORDS = "takes_app_passwords"


class Rule(Protocol):
    """Names, in the reader's language, of the enabled systems that are, or are not, able."""

    def __call__(self, ability: Ability, *, able: bool) -> list[str]: ...


class NobodyKnows(LookupError):
    """No rule was handed down: nothing may be concluded from that."""


_rules: list[Rule] = []


def hand_down(rule: Rule) -> None:
    """Answer `systems` by this rule from now on. Called from AppConfig.ready."""
    _rules[:] = [rule]


def systems(ability: Ability, *, able: bool) -> list[str]:
    """Names of the enabled connected systems that are, or are not, able; one query. NobodyKnows without a rule."""
    if not _rules:
        raise NobodyKnows(ability)
    return _rules[0](ability, able=able)
