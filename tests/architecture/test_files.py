"""The house stays one that can be walked through: short files, telling names, imports at the top."""

import ast
import re
from collections.abc import Iterator

from tests.architecture.source import files, name, trees
from tools.messages import APPS, ROOT

LONGEST = 300
SAYS_NOTHING = {"utils", "util", "helpers", "helper", "services", "service", "managers", "misc", "common"}


def test_no_file_is_longer_than_a_few_screens() -> None:
    lengths = {name(path): len(path.read_text().splitlines()) for path in files(".py", ".html", ".txt", ".css", ".js")}
    assert {path: length for path, length in lengths.items() if length > LONGEST} == {}


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [name(path) for path in files(".py") if path.stem in SAYS_NOTHING or path.parent.name in SAYS_NOTHING] == []


def late_imports(tree: ast.Module, *, allowed: set[str]) -> Iterator[ast.stmt]:
    for function in ast.walk(tree):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef) and function.name not in allowed:
            yield from (node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom))


def test_imports_stand_at_the_top_except_in_ready() -> None:
    late = {
        f"{path}:{node.lineno}"
        for path, tree in trees()
        for node in late_imports(tree, allowed={"ready"} if path.endswith("apps.py") else set())
    }
    assert late == set()


def test_migrations_are_named_for_what_they_do() -> None:
    migrations = [path for app in APPS for path in (ROOT / app).rglob("migrations/[0-9]*.py")]
    assert migrations
    assert [name(path) for path in migrations if not re.fullmatch(r"\d{4}_(?!auto_)[a-z][a-z0-9_]+", path.stem)] == []
