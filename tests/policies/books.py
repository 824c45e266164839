"""Policies for tests: short to write, and put in force without any page."""

import uuid
from dataclasses import replace
from typing import Any

from django.utils import timezone

from policies import explaining
from policies.models import PolicyVersion
from policies.models.versions import VersionState
from policies.rulebook.content import Book, Group, Network, NetworkKind
from policies.rulebook.contingency import Contingency
from policies.rulebook.method_rules import MethodRule
from policies.rulebook.starting import starting_method_rule
from policies.rulebook.storing import from_json, rule_from_json, to_json

NETWORKS = (
    Network("Hall", "講堂", "hall", NetworkKind.CAMPUS, ("192.0.2.0/24", "2001:db8:1::/48")),
    Network("INDIGO", "INDIGO", "indigo", NetworkKind.CAMPUS, ("198.51.100.0/25",)),
    Network("INDIGO set-up", "INDIGO（設定）", "indigo-set-up", NetworkKind.NO_SETUP, ("198.51.100.0/24",)),
    Network("Clinic", "病院", "clinic", NetworkKind.PARTNER, ("198.51.100.200-198.51.100.210",)),
    Network("Bad", "遮断", "bad", NetworkKind.BLOCKED, ("203.0.113.66", "192.0.2.66")),
)
GROUPS = (Group("Abroad", "留学中", "abroad", "list-of-abroad", 1),)
ADDRESSES = {"hall": "192.0.2.7", "indigo": "198.51.100.7", "clinic": "198.51.100.205", "bad": "203.0.113.66", "": "203.0.113.9"}


def rules_of(*rules: dict[str, Any]) -> Any:
    """Rules from what is special about each."""
    usual = {"part": "sign-in", "name_ja": "規則"}
    return tuple(rule_from_json(usual | {"id": uuid.uuid4().hex[:8], "name_en": f"Rule {rule.get('id', '')}"} | rule) for rule in rules)


def a_book(
    *rules: dict[str, Any],
    networks: tuple[Network, ...] = NETWORKS,
    groups: tuple[Group, ...] = GROUPS,
    methods: tuple[MethodRule, ...] = (),
    contingencies: tuple[Contingency, ...] = (),
) -> Book:
    """A policy with these rules that nobody has switched on."""
    return Book(0, rules_of(*rules), networks, groups, methods, contingencies)


def methods_of(*order: str, **special: Any) -> MethodRule:
    """A rule about methods: these kinds, in this order, and otherwise what the settings say."""
    usual = starting_method_rule()
    name = special.pop("name_en", "Methods")
    return replace(usual, **{"id": uuid.uuid4().hex[:8], "name_en": name, "order": order or usual.order} | special)


def in_force(*rules: dict[str, Any], **parts: Any) -> Book:
    """Put a policy with these rules in force; returns it as the site reads it."""
    content = to_json(a_book(*rules, **{"groups": ()} | parts))
    PolicyVersion.objects.filter(state=VersionState.IN_FORCE).update(state=VersionState.REPLACED)
    explaining._rule.cache_clear()  # the numbers of versions come again in tests
    now, number = timezone.now(), PolicyVersion.objects.count() + 1
    made = PolicyVersion.objects.create(number=number, state=VersionState.IN_FORCE, content=content, made_at=now, in_force_at=now)
    return from_json(content, number=number, uid=str(made.uid))
