"""A policy as JSON and back. Reading is strict: what it does not know is an error, so that nothing is decided by half a policy."""

from collections.abc import Mapping
from dataclasses import fields
from datetime import date
from enum import StrEnum
from typing import Any

from methods.allowance import Attestation
from policies.rulebook.content import Asks, Book, Group, Mode, Network, NetworkKind, Part, Place, Rule, Use
from policies.rulebook.contingency import contingency_from_json
from policies.rulebook.method_rules import MethodRule, check
from policies.rulebook.scope import Scoped

ENUMS: dict[str, type[StrEnum]] = {"part": Part, "asks": Asks, "mode": Mode, "use": Use, "place": Place}
SETS = ("affiliations", "kinds", "roles", "groups", "accounts", "networks", "countries", "systems")
DAYS = ("since", "until")


def to_json(book: Book) -> dict[str, Any]:
    """What is stored of a policy; what a rule leaves open is left out."""
    return {
        "rules": [rule_to_json(rule) for rule in book.rules],
        "networks": [vars_of(network) | {"ranges": list(network.ranges)} for network in book.networks],
        "groups": [vars_of(group) for group in book.groups],
    } | {
        name: [rule_to_json(one) for one in things]
        for name, things in (("methods", book.methods), ("contingencies", book.contingencies))
        if things
    }


def vars_of(thing: Network | Group | Scoped) -> dict[str, Any]:
    """The fields of a part of the policy, without what was worked out from them."""
    return {one.name: getattr(thing, one.name) for one in fields(thing)}


def rule_to_json(rule: Scoped) -> dict[str, Any]:
    """One rule, without what it leaves open."""
    stored = {name: _plain(value) for name, value in vars_of(rule).items()}
    return {name: value for name, value in stored.items() if value not in ("", [], None, {}, False)}


def _plain(value: Any) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, tuple):
        return list(value)
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return value.isoformat() if isinstance(value, date) else value


def from_json(stored: dict[str, Any], *, number: int = 0, uid: str = "") -> Book:
    """The policy that was stored; KeyError, TypeError or ValueError when it is none."""
    return Book(
        number=number,
        uid=uid,
        rules=tuple(rule_from_json(one) for one in stored["rules"]),
        networks=tuple(Network(**one | {"kind": NetworkKind(one["kind"]), "ranges": tuple(one["ranges"])}) for one in stored["networks"]),
        groups=tuple(Group(**one) for one in stored["groups"]),
        contingencies=tuple(contingency_from_json(one) for one in stored.get("contingencies", ())),
        methods=check(tuple(method_rule_from_json(one) for one in stored.get("methods", ()))),
    )


def rule_from_json(stored: dict[str, Any]) -> Rule:
    """One rule that was stored."""
    read = dict(stored)
    read |= {name: enum(stored[name]) for name, enum in ENUMS.items() if name in stored}
    read |= {name: frozenset(stored[name]) for name in SETS if name in stored}
    read |= {name: date.fromisoformat(stored[name]) for name in DAYS if stored.get(name)}
    return Rule(**read)


LISTS = ("order", "countries", "refused_prefixes", "refused_domains", "authenticators")
WHO = ("affiliations", "kinds", "roles", "groups", "accounts")


def method_rule_from_json(stored: dict[str, Any]) -> MethodRule:
    """One rule about methods that was stored."""
    read = dict(stored)
    read |= {name: frozenset(stored[name]) for name in WHO if name in stored}
    read |= {name: tuple(stored[name]) for name in LISTS if name in stored}
    read["last_days"] = {kind: date.fromisoformat(day) for kind, day in stored.get("last_days", {}).items()}
    read["attestation"] = Attestation(stored.get("attestation", Attestation.NONE))
    return MethodRule(**read)
