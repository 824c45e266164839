import re

import pytest
from django.utils import translation

from audit.catalogue import EventName
from audit.models import Event
from audit.phrases import Severity
from audit.sentences import WORDINGS
from audit.terms import KEYS
from audit.wording import GROUPS, grouped_titles, sentence, who

BLANK = re.compile(r"%\((\w+)\)s")
ALWAYS = {"account", "by"}


def an_event(name: EventName, **fields: object) -> Event:
    given = {"account_id": 1, "account_label": "1000000001", "actor_id": 2, "actor_label": "1000000003", "actor_kind": "staff"}
    return Event(name=name.value, **(given | fields))


@pytest.mark.parametrize("name", EventName)
def test_every_event_has_a_title_and_sentences(name: EventName) -> None:
    words = WORDINGS[name]
    assert str(words.title)
    assert words.sentences
    assert isinstance(words.severity, Severity)


@pytest.mark.parametrize("name", EventName)
def test_the_last_sentence_of_an_event_needs_only_account_and_actor(name: EventName) -> None:
    assert set(BLANK.findall(str(WORDINGS[name].sentences[-1]))) <= ALWAYS


@pytest.mark.parametrize("name", EventName)
def test_every_blank_is_a_fact_with_a_name(name: EventName) -> None:
    blanks = {blank.removeprefix("old_") for text in WORDINGS[name].sentences for blank in BLANK.findall(str(text))}
    assert blanks - ALWAYS - {"known_account"} <= KEYS.keys()


@pytest.mark.parametrize("language", ["en", "ja"])
@pytest.mark.parametrize("name", EventName)
def test_every_event_can_be_said_without_a_blank_left(name: EventName, language: str) -> None:
    with translation.override(language):
        for event in (an_event(name), an_event(name, account_label="", actor_label="", actor_kind="system")):
            said = sentence(event)
            assert said
            assert "%" not in said
            assert "None" not in said


@pytest.mark.covers("S-139")
@pytest.mark.parametrize("name", EventName)
def test_every_event_is_said_in_japanese_with_the_same_blanks(name: EventName) -> None:
    english = [str(text) for text in (WORDINGS[name].title, *WORDINGS[name].sentences)]
    with translation.override("ja"):
        japanese = [str(text) for text in (WORDINGS[name].title, *WORDINGS[name].sentences)]
    for one, other in zip(english, japanese, strict=True):
        assert one != other
        assert sorted(BLANK.findall(one)) == sorted(BLANK.findall(other))


def test_every_event_can_be_chosen_once_in_the_filter() -> None:
    offered = [name for _, names in grouped_titles() for name, _ in names]
    assert sorted(offered) == sorted(name.value for name in EventName)
    assert len(GROUPS) == len(grouped_titles())


def test_the_fullest_sentence_that_can_be_filled_is_said() -> None:
    facts = {"kind": "totp", "name": "My phone"}
    full = an_event(EventName.METHOD_REMOVED, before=facts)
    bare = an_event(EventName.METHOD_REMOVED)
    assert sentence(full) == "The method “My phone” (Authenticator app) of 1000000001 was removed by 1000000003."
    assert sentence(bare) == "A method of 1000000001 was removed by 1000000003."


def test_what_it_was_before_and_after_can_both_be_said() -> None:
    event = an_event(EventName.METHOD_RENAMED, before={"name": "App"}, after={"name": "My phone"}, actor_kind="self")
    assert sentence(event) == "The method “App” of 1000000001 was renamed “My phone” by the account holder."


def test_a_moment_is_said_in_local_time() -> None:
    event = an_event(EventName.ACCOUNT_UNLOCKED, before={"held_until": "2026-04-10T03:00:00+00:00"})
    assert "until 10 April 2026, 12:00" in sentence(event)


def test_who_acted_is_the_account_holder_a_colleague_or_the_site() -> None:
    name = EventName.METHOD_REMOVED
    assert who(an_event(name)) == "1000000003"
    assert who(an_event(name, actor_kind="self")) == "the account holder"
    assert who(an_event(name, actor_kind="system", actor_label="")) == "this site"


def test_a_sentence_begins_with_a_capital_letter() -> None:
    event = an_event(EventName.SYSTEM_CHANGED, actor_kind="system", actor_label="", account_label="")
    assert sentence(event) == "A connected system was changed by this site."
    assert sentence(an_event(EventName.DELIVERY_RETRIED, actor_kind="system", actor_label="")).startswith("This site")


def test_percent_signs_in_what_people_typed_are_only_text() -> None:
    event = an_event(EventName.ACCOUNT_SEARCHED, account_label="", after={"text": "100%(by)s", "found": 0})
    assert "“100%(by)s”" in sentence(event)


def test_a_finding_on_no_account_speaks_of_none() -> None:
    event = an_event(EventName.FINDING_MADE, actor_kind="system", actor_label="", account_label="", after={"detector": "same-pair"})
    assert sentence(event) == "Approvals always by the same pair: somebody should look into it."
