"""Settings from the environment: each declared once, with a type, a default and a sentence."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import environ
from django.core.exceptions import ImproperlyConfigured

T = TypeVar("T")
REQUIRED: Final = object()
YES, NO = {"yes", "y", "true", "t", "on", "ok", "1"}, {"no", "n", "false", "f", "off", "0"}


@dataclass(frozen=True)
class Declared:
    """One setting as a deployment sees it; `docs/settings.md` is written from these."""

    name: str
    kind: str
    default: object
    sentence: str


class Environment:
    """Reads variables, remembers what was declared, and collects what is missing or unreadable."""

    def __init__(self) -> None:
        self.source = environ.Env()
        self.declared: list[Declared] = []
        self.problems: dict[str, str] = {}

    def text(self, name: str, default: Any, sentence: str) -> str:
        return self._read(name, "text", self.source.str, default, sentence, "")

    def number(self, name: str, default: Any, sentence: str) -> int:
        return self._read(name, "whole number", self.source.int, default, sentence, 0)

    def fraction(self, name: str, default: Any, sentence: str) -> float:
        return self._read(name, "number", self.source.float, default, sentence, 0.0)

    def flag(self, name: str, default: Any, sentence: str) -> bool:
        return self._read(name, "yes/no", self._yes_or_no, default, sentence, False)

    def words(self, name: str, default: Any, sentence: str) -> list[str]:
        return self._read(name, "list, comma-separated", self._words, default, sentence, [])

    def _yes_or_no(self, name: str) -> bool:
        """ValueError for anything else: a typing error must not switch a protection off."""
        said = self.source.str(name).strip().lower()
        if said not in YES | NO:
            raise ValueError(said)
        return said in YES

    def _words(self, name: str) -> list[str]:
        return [word for part in self.source.list(name) if (word := part.strip())]

    def _read(self, name: str, kind: str, reader: Callable[..., T], default: Any, sentence: str, empty: T) -> T:
        shown = "(required)" if default is REQUIRED else default
        self.declared = [d for d in self.declared if d.name != name]
        self.declared.append(Declared(name, kind, shown, sentence))
        if name not in self.source.ENVIRON:
            if default is REQUIRED:
                self.problems[name] = f"{name} is not set: {sentence}"
                return empty
            return default  # type: ignore[no-any-return]
        try:
            return reader(name)
        except (ValueError, ImproperlyConfigured):
            self.problems[name] = f"{name} cannot be read as a {kind}: {sentence}"
            return empty

    def database(self, name: str, url: str) -> dict[str, Any]:
        """Connection settings for the address in `name`; a problem is noted when it cannot be read."""
        try:
            return dict(self.source.db_url_config(url)) if url else {}
        except (ValueError, ImproperlyConfigured):
            self.problems[name] = f"{name} cannot be read as an address like postgres://user:password@host:5432/name."
            return {}

    def refuse_problems(self) -> None:
        """Stop the start with every missing or unreadable setting at once (R-191: never start without a key)."""
        if self.problems:
            raise ImproperlyConfigured("The settings are not complete.\n  - " + "\n  - ".join(self.problems.values()))


env = Environment()
