"""Every failure that a connector can name has one plain sentence."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

from policies import connectors
from policies.connectors.directory import REASONS
from policies.connectors.sentences import SENTENCES, sentence

FAILURES = {"Configuration", "Transient", "NotYet", "Permanent", "Outdated", "NotAllowed", "Forbidden"}
QUOTED = {"settings are missing", "unexpected", "the connector", "LDAP result"}


def reasons() -> Iterator[str]:
    """What stands in the code where a failure is made, up to the first part that varies."""
    nodes = [node for path in Path(connectors.__path__[0]).glob("*.py") for node in ast.walk(ast.parse(path.read_text()))]
    named = {node.targets[0].id: node.value for node in nodes if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name)}
    for node in nodes:
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in FAILURES and node.args:
            first = node.args[0]
            start = first.values[0] if isinstance(first, ast.JoinedStr) else named.get(getattr(first, "id", ""), first)
            if isinstance(start, ast.Constant):
                yield str(start.value)
    yield from REASONS.values()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_each_reason_in_the_code_has_a_sentence_in_both_languages(language: str) -> None:
    found = set(reasons())
    assert len(found) > 30
    with override(language):
        assert sorted(why for why in found if is_quoted(why) and not why.startswith(tuple(QUOTED))) == []


def is_quoted(why: str) -> bool:
    """Whether there is no sentence for it."""
    return sentence(why).startswith(sentence("\0").split("\0")[0])


@pytest.mark.parametrize("language", ["en", "ja"])
def test_each_status_of_http_has_a_sentence_and_a_fault_of_ours_is_never_called_one_of_theirs(language: str) -> None:
    with override(language):
        said = {status: sentence(f"HTTP {status}") for status in range(100, 1000)}
        assert not [status for status in said if is_quoted(f"HTTP {status}")]
        assert {said[status] for status in (400, 401, 403, 404, 405, 409, 410, 413, 418, 429)}.isdisjoint({said[500]})
        assert len({said[status] for status in (400, 401, 403, 404, 405, 409, 410, 413, 418, 429, 500)}) == 11
        assert said[400] == said[422]


def test_that_something_else_was_answered_is_said_of_a_try_as_well_as_of_a_change() -> None:
    with override("en"):
        assert "change" not in sentence("HTTP 200 without the confirmation asked for")


def test_an_answer_that_is_too_long_is_not_said_to_be_late() -> None:
    with override("en"):
        assert "time" not in sentence("no answer: the answer is too long")


def test_no_sentence_stands_behind_a_shorter_one_that_takes_its_place() -> None:
    beginnings = [beginning for beginning, _words in SENTENCES]
    hidden = [late for number, late in enumerate(beginnings) if any(late.startswith(early) for early in beginnings[:number])]
    assert hidden == []
