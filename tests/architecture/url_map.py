"""Every page in the URL map, nested ones included, each with an address that reaches it."""

import re
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver
from django.urls.resolvers import RoutePattern

VALUES = {"int": "1", "slug": "any", "str": "any", "path": "any", "uuid": str(uuid.UUID(int=1))}
CONVERTED = re.compile(r"<(?:(\w+):)?\w+>")
GROUP = re.compile(r"\(\?P<\w+>([^()]*)\)")


@dataclass(frozen=True)
class Page:
    """One pattern: how the map writes it, an address for it, and the view behind it."""

    route: str
    address: str
    view: Any

    @property
    def is_public(self) -> bool:
        """Whether the gate lets everybody through to the view."""
        return bool(getattr(self.view, "is_public", False))


def _address(pattern: Any) -> str:
    text = str(pattern)
    if isinstance(pattern, RoutePattern):
        return CONVERTED.sub(lambda found: VALUES[found[1] or "str"], text)
    first = GROUP.sub(lambda found: found[1].split("|")[0] if re.fullmatch(r"[\w|]+", found[1]) else "any", text)
    return first.strip("^$").replace("\\Z", "")


def pages(patterns: list[URLPattern | URLResolver] | None = None, route: str = "", address: str = "") -> Iterator[Page]:
    """Every page below `patterns`, by default of the whole site."""
    for entry in get_resolver().url_patterns if patterns is None else patterns:
        here, there = route + str(entry.pattern), address + _address(entry.pattern)
        if isinstance(entry, URLResolver):
            yield from pages(entry.url_patterns, here, there)
        else:
            yield Page(here, "/" + there, entry.callback)
