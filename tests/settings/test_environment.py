"""What the environment says is taken as it was meant, or named as unreadable: never as something else."""

import pytest
from django.core.exceptions import ImproperlyConfigured

from mfaadmin.settings.environment import Environment


@pytest.fixture
def env() -> Environment:
    return Environment()


@pytest.mark.parametrize("said", ["a,b", "a, b", " a ,\tb ", "a,,b,", "a, ,b"])
def test_blanks_around_the_words_of_a_list_mean_nothing(env: Environment, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("MFA_SOME_LIST", said)
    assert env.words("MFA_SOME_LIST", [], "Some.") == ["a", "b"]


@pytest.mark.parametrize(
    ("said", "meant"), [("true", True), ("Yes", True), (" on ", True), ("1", True), ("False", False), ("no", False), ("0", False)]
)
def test_yes_and_no_may_be_said_in_many_ways(env: Environment, monkeypatch: pytest.MonkeyPatch, said: str, meant: bool) -> None:  # noqa: FBT001
    monkeypatch.setenv("MFA_SOME_FLAG", said)
    assert env.flag("MFA_SOME_FLAG", not meant, "Some.") is meant
    env.refuse_problems()


@pytest.mark.parametrize("said", ["ture", "enabled", "", "2", "none", "ｔｒｕｅ"])
def test_what_is_neither_yes_nor_no_stops_the_start(env: Environment, monkeypatch: pytest.MonkeyPatch, said: str) -> None:
    monkeypatch.setenv("MFA_SOME_FLAG", said)
    env.flag("MFA_SOME_FLAG", True, "Some.")
    with pytest.raises(ImproperlyConfigured, match="MFA_SOME_FLAG cannot be read as a yes/no"):
        env.refuse_problems()
