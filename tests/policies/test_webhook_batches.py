"""Several changes in one request, for receivers that take them so; questions about states."""

from typing import Any

import pytest

from policies.connectors.base import Answer, Change, Configuration, Outdated, Permanent, Transient, Unknown
from policies.connectors.webhook import WebhookConnector
from policies.models import ConnectedSystem
from tests.policies.downstream import Downstream, Handler, Mood, says

CHANGES = [Change(account=f"100000000{number}", state="on", revision=3, key=f"mfa-{number}") for number in range(5)]


@pytest.fixture
def batched(mail_system: ConnectedSystem) -> ConnectedSystem:
    mail_system.options = {"per_request": 3, "answers_questions": True}
    return mail_system


def tell(system: ConnectedSystem, *changes: Change) -> list[Answer]:
    return list(WebhookConnector(system).apply(changes))


def lines(*changed: dict[str, Any]) -> Mood:
    """Answers for each change what it was told, with what is changed here."""

    def answer(handler: Handler, data: dict[str, Any]) -> None:
        told = data["changes"]
        handler.answer(200, {"changes": [one | more for one, more in zip(told, changed, strict=False)]})

    return answer


def test_as_many_go_into_one_request_as_the_receiver_takes(batched: ConnectedSystem, downstream: Downstream) -> None:
    assert [answer.failure for answer in tell(batched, *CHANGES)] == [None] * 5
    assert [(told["type"], len(told["data"]["changes"])) for told in downstream.requests] == [
        ("mfa_use.changes", 3),
        ("mfa_use.changes", 2),
    ]
    assert len(downstream.effects) == 5


def test_each_answer_says_whether_the_next_one_is_there_already(batched: ConnectedSystem, downstream: Downstream) -> None:
    assert [answer.more for answer in tell(batched, *CHANGES)] == [True, True, False, True, False]
    downstream.mood = says(404)  # so each is told by itself
    assert [answer.more for answer in tell(batched, *CHANGES[:3])] == [False] * 3


def test_the_same_batch_has_the_same_key_at_every_attempt(batched: ConnectedSystem, downstream: Downstream) -> None:
    for _time in range(2):
        tell(batched, *CHANGES[:3])
    tell(batched, *CHANGES[:2])
    keys = [headers["webhook-id"] for headers in downstream.headers]
    assert (keys[0] == keys[1], keys[0] == keys[2], len(downstream.effects)) == (True, False, 3)


def test_each_change_is_judged_by_its_own_line(batched: ConnectedSystem, downstream: Downstream) -> None:
    downstream.mood = lines({"state": "off"}, {"error": "unknown-account", "revision": None}, {"revision": 4})
    assert [type(answer.failure) for answer in tell(batched, *CHANGES[:3])] == [Transient, Unknown, Outdated]
    downstream.mood = lines({}, {"account": "9999999999"})
    assert [type(answer.failure) for answer in tell(batched, *CHANGES[:3])] == [type(None), Transient, Transient]
    downstream.mood = lines({"key": "mfa-1"}, {})
    assert [type(answer.failure) for answer in tell(batched, *CHANGES[:2])] == [Transient, Transient]


@pytest.mark.parametrize(
    "mood", [says(200, b"<html></html>"), says(200, {"changes": "all"}), says(204)], ids=["page", "no list", "nothing"]
)
def test_an_answer_without_lines_confirms_nobody(batched: ConnectedSystem, downstream: Downstream, mood: Mood) -> None:
    downstream.mood = mood
    assert {type(answer.failure) for answer in tell(batched, *CHANGES[:3])} == {Transient}


def test_a_receiver_that_refuses_the_request_stops_it_all(batched: ConnectedSystem, downstream: Downstream) -> None:
    downstream.mood = says(401)
    with pytest.raises(Configuration):
        tell(batched, *CHANGES)
    assert len(downstream.requests) == 1


@pytest.mark.parametrize("mood", [says(500), says(200, b"<html></html>"), says(200, {"accounts": {}})], ids=["fault", "page", "no list"])
def test_a_question_that_is_not_answered_is_no_answer(batched: ConnectedSystem, downstream: Downstream, mood: Mood) -> None:
    downstream.mood = mood
    with pytest.raises(Transient):
        WebhookConnector(batched).read(["1000000001"])


def test_states_nobody_knows_and_accounts_nobody_asked_for(batched: ConnectedSystem, downstream: Downstream) -> None:
    said = [{"account": "1000000001", "state": "perhaps"}, {"account": "9999999999", "state": "on"}]
    downstream.mood = says(200, {"accounts": said})
    assert WebhookConnector(batched).read(["1000000001", "1000000002"]) == {"1000000001": "other"}


@pytest.mark.parametrize("status", [400, 404, 409, 413, 422])
def test_what_a_request_is_refused_for_may_be_one_of_its_changes(batched: ConnectedSystem, downstream: Downstream, status: int) -> None:
    def picky(handler: Handler, data: dict[str, Any]) -> None:
        several = "changes" in data
        handler.answer(status if several or data["account"] == CHANGES[1].account else 200, {} if several else data)

    downstream.mood = picky
    found = [type(answer.failure) for answer in tell(batched, *CHANGES[:3])]
    assert found == [type(None), Unknown if status == 404 else Permanent, type(None)]
    assert [told["type"] for told in downstream.requests] == ["mfa_use.changes", *["mfa_use.changed"] * 3]
