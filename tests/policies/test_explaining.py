"""Every decision of the table is explained in both languages, and the sentence names the rule that decided."""

from typing import Any

import pytest
from django.utils import translation

from audit.terms import value_words
from policies.explaining import explain_rule
from policies.requirements import OWN_SENTENCES, decide
from tests.policies.books import GROUPS, in_force
from tests.policies.test_requirements import TABLE, facts_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("policy", TABLE)
def test_every_decision_is_explained_by_its_rule_in_both_languages(policy: str) -> None:
    """In the words of the holder, the desk and the auditor, who read them by the same function."""
    rules: list[dict[str, Any]] = [
        one | {"name_en": f"Called {one['id']}", "name_ja": f"規則の{one['id']}"} for one in TABLE[policy]["rules"]
    ]
    book = in_force(*rules, groups=GROUPS)
    for case in TABLE[policy]["cases"]:
        decided = decide(facts_of(case, book), book)
        said = {}
        for language in ("en", "ja"):
            with translation.override(language):
                said[language] = explain_rule(decided.rule)
                assert value_words("rule", decided.rule) == said[language]
        assert said["en"] != said["ja"]
        assert decided.rule not in said.values(), "a code is no sentence"
        if decided.rule in OWN_SENTENCES:
            continue
        name = decided.rule.partition(":")[2]
        assert f"“Called {name}” (version {book.number})" in said["en"]
        assert f"規則の{name}" in said["ja"]
        assert str(book.number) in said["ja"]
