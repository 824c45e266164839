"""Every failure that a connector can name has one plain sentence."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils.translation import override

from policies import connectors
from policies.connectors.directory import REASONS
from policies.connectors.sentences import SENTENCES, sentence

FAILURES = {"Configuration", "Transient", "NotYet", "Permanent", "Outdated", "NotAllowed"}
QUOTED = {"settings are missing", "unexpected", "the connector", "LDAP result"}


def reasons() -> Iterator[str]:
    """What stands in the code where a failure is made, up to the first part that varies."""
    for path in Path(connectors.__path__[0]).glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in FAILURES and node.args:
                first = node.args[0]
                start = first.values[0] if isinstance(first, ast.JoinedStr) else first
                if isinstance(start, ast.Constant):
                    yield str(start.value)
    yield from REASONS.values()


@pytest.mark.parametrize("language", ["en", "ja"])
def test_each_reason_in_the_code_has_a_sentence_in_both_languages(language: str) -> None:
    found = set(reasons())
    assert len(found) > 30
    with override(language):
        quoted = sentence("\0").split("\0")[0]
        assert sorted(why for why in found if sentence(why).startswith(quoted) and not why.startswith(("HTTP", *QUOTED))) == []


def test_no_sentence_stands_behind_a_shorter_one_that_takes_its_place() -> None:
    beginnings = [beginning for beginning, _words in SENTENCES]
    hidden = [late for number, late in enumerate(beginnings) if any(late.startswith(early) for early in beginnings[:number])]
    assert hidden == []
