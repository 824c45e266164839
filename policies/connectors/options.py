"""What a connector can be told beside address and credentials: declared once, kept as data, asked for on the form of the system."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise

Words = str | Promise
Value = str | int | bool


@dataclass(frozen=True)
class Option:
    """One setting of a connector; its type is that of its default."""

    name: str
    label: Words
    default: Value = ""
    help: Words = ""
    required: bool = False
    long: bool = False  # a text of several lines
    choices: tuple[tuple[str, Words], ...] = ()
    lowest: int = 1
    highest: int = 10_000
    bears_credentials: bool = False  # says where the credentials go, or what they are protected by

    def read(self, kept: Mapping[str, Any]) -> Value:
        """The kept value, or the default when there is none of the right type."""
        value = kept.get(self.name, self.default)
        if type(value) is not type(self.default):
            return self.default
        if isinstance(value, int) and not isinstance(value, bool) and not self.lowest <= value <= self.highest:
            return self.default
        return value


class Chosen:
    """The values of a system's options, by name and type."""

    def __init__(self, options: tuple[Option, ...], kept: Mapping[str, Any]) -> None:
        self.values = {option.name: option.read(kept) for option in options}
        self.missing = [option.name for option in options if option.required and not self.values[option.name]]

    def text(self, name: str) -> str:
        """A text; empty when it was not given."""
        return str(self.values[name])

    def number(self, name: str) -> int:
        """A whole number."""
        return int(self.values[name])

    def flag(self, name: str) -> bool:
        """Yes or no."""
        return bool(self.values[name])
