"""What is named in one place and used in another: reason codes, events, settings, due times."""

import ast
from collections.abc import Mapping
from importlib import import_module

from accounts.refusals import explained
from audit.catalogue import EventName
from audit.sentences import WORDINGS
from tests.architecture.source import calls, trees
from tools.settings_page import PAGE, page

# Calls whose first argument is a reason code.
REFUSING = {"Refused", "refused", "refusal", "_refused", "_refuse"}


def literal_codes() -> set[tuple[str, str]]:
    """Every reason code that is written out in a call, with the module it stands in."""
    found = set()
    for path, tree in trees():
        for called, call in calls(tree):
            first = call.args[0] if call.args else None
            if called in REFUSING and isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add((path, first.value))
    return found


def explanations() -> Mapping[str, object]:
    """Every reason code with its sentence, wherever it is explained."""
    for path, tree in trees():
        if any(called == "explain" for called, _ in calls(tree)):
            import_module(path.removesuffix(".py").replace("/", "."))
    return explained()


def test_every_reason_code_has_a_sentence() -> None:
    codes = literal_codes()
    assert codes
    assert {(path, code) for path, code in codes if code not in explanations()} == set()


def explaining(tree: ast.AST) -> set[ast.AST]:
    """The keys of the tables that are given to `explain`: where a code is explained it is not used."""
    given = [call.args[0] for called, call in calls(tree) if called == "explain" and call.args]
    return {key for table in given if isinstance(table, ast.Dict) for key in table.keys if key}


def test_no_sentence_explains_a_code_that_nobody_uses() -> None:
    strings = {
        node.value
        for _path, tree in trees()
        for node in set(ast.walk(tree)) - explaining(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    assert set(explanations()) - strings == set()


def test_every_event_has_its_wording() -> None:
    assert set(EventName) - set(WORDINGS) == set()


def test_no_task_is_given_a_due_time() -> None:
    """R-221: on Redis a task with a distant due time is delivered twice; due times are rows."""
    timed = {
        f"{path}:{call.lineno} {keyword.arg}"
        for path, tree in trees()
        for _, call in calls(tree)
        for keyword in call.keywords
        if keyword.arg in {"eta", "countdown"}
    }
    assert timed == set()


def test_the_page_of_settings_is_what_the_settings_declare() -> None:
    assert PAGE.read_text() == page(), "run: python tools/settings_page.py"
