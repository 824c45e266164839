"""The product's own files, for tests that read them."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from tools.messages import APPS, ROOT

GENERATED = ("migrations", "vendor", "locale", "__pycache__")


def files(*suffixes: str) -> Iterator[Path]:
    """The product's files with these endings, without what others or programs have written."""
    for folder in (*APPS, "templates"):
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in suffixes and not set(path.relative_to(ROOT).parts) & set(GENERATED):
                yield path


def name(path: Path) -> str:
    """A file as a person names it."""
    return str(path.relative_to(ROOT))


@cache
def trees() -> list[tuple[str, ast.Module]]:
    """Every module of the product with its syntax tree."""
    return [(name(path), ast.parse(path.read_text())) for path in files(".py")]


def calls(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call, with the last part of what is called."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            called = node.func
            yield (called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")), node
