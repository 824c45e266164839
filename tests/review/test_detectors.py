"""The contract of every detector: it finds what it is for, also just at its limit, and leaves alone what is not."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

import tests.audit.stages  # noqa: F401  each stage enters itself
from accounts.models import Account
from audit.catalogue import EventName
from audit.models import Event
from review.detectors import busy_agents
from review.detectors.base import Detector, Found, detectors
from review.thresholds import limits_of
from tests.audit.stages.staging import STAGES as EVENTS
from tests.factories import an_account
from tests.review.stages import DAY, MINUTE, NOW, STAGES, crowd, decided, happened, swapped, two_at_once

pytestmark = pytest.mark.django_db
CODES = sorted(detectors())


@pytest.fixture(autouse=True)
def _campus(settings: Any) -> None:
    settings.MFA_CAMPUS_NETWORKS = ["10.0.0.0/8"]


def found(detector: Detector) -> list[Found]:
    return list(detector.find(limits_of(detector), NOW))


def test_every_detector_has_a_stage() -> None:
    assert sorted(STAGES) == CODES


@pytest.mark.parametrize("code", CODES)
def test_it_finds_once_what_stands_just_at_its_limit(code: str) -> None:
    STAGES[code].found()
    [one] = found(detectors()[code])
    assert [again.subject for again in found(detectors()[code])] == [one.subject]
    assert one.people


@pytest.mark.parametrize(("code", "number"), [(code, number) for code, stage in STAGES.items() for number in range(len(stage.left))])
def test_it_leaves_alone_what_is_just_below(code: str, number: int) -> None:
    STAGES[code].left[number]()
    assert found(detectors()[code]) == []


def test_a_method_that_has_the_name_of_the_deleted_one_is_found_all_the_same() -> None:
    swapped(name="new")()
    assert len(found(detectors()["swapped-methods"])) == 1


def test_a_sign_in_from_a_new_network_is_found_behind_one_from_a_known_network() -> None:
    STAGES["reset-new-network"].found()
    [of_the_other] = found(detectors()["reset-new-network"])
    reset = Event.objects.get(name=EventName.METHODS_RESET)
    happened(EventName.SIGNIN_SUCCEEDED, Account.objects.get(pk=reset.account_id), 10 * DAY - MINUTE, address="192.0.2.1")
    assert found(detectors()["reset-new-network"]) == [of_the_other]


@pytest.mark.parametrize("code", CODES)
def test_with_nothing_there_nothing_is_found(code: str) -> None:
    assert found(detectors()[code]) == []


@pytest.mark.parametrize("code", CODES)
def test_it_only_reads(code: str) -> None:
    STAGES[code].found()
    with CaptureQueriesContext(connection) as queries:
        found(detectors()[code])
    assert [query["sql"] for query in queries if not query["sql"].startswith(("SELECT", "DECLARE", "CLOSE", "FETCH"))] == []


@pytest.mark.parametrize("code", CODES)
def test_its_limits_hold_what_it_comes_with(code: str) -> None:
    assert [limit.name for limit in detectors()[code].limits if not limit.lowest <= limit.default <= limit.highest] == []


def test_where_everybody_may_register_from_home_a_crowd_from_one_network_stands_out() -> None:
    crowd(5)()
    detector = detectors()["password-only"]
    assert [one.facts["why"] for one in found(detector)] == ["crowd"] * 5
    assert len(list(detector.find({**limits_of(detector), "accounts": 6}, NOW))) == 0
    assert len(list(detector.find({**limits_of(detector), "accounts": 6, "first": 1}, NOW))) == 5


def test_where_nobody_may_a_first_registration_from_outside_is_found(settings: Any) -> None:
    settings.MFA_FIRST_REGISTRATION = "networks"
    two_at_once()
    [one] = found(detectors()["password-only"])
    assert one.facts["why"] == "outside"


def test_a_number_is_never_in_what_is_found() -> None:
    STAGES["shared-number"].found()
    STAGES["institution-number"].found()
    text = repr([found(detectors()[code]) for code in ("shared-number", "institution-number")])
    assert "12345678" not in text
    assert "58412000" not in text


def test_a_pair_stands_out_by_whatever_two_people_decide_on_together() -> None:
    """Resets, terminations, lists, outages, policies, campaigns: each event that names who asked and who said yes counts."""
    names = sorted(name for name, stage in EVENTS.items() if "approver" in stage.at and "requested_by" in stage.after)
    work = {"action", "bulk", "campaign", "outage", "policy", "termination"}
    assert {name.partition(":")[0] for name in names} >= work
    one, two = an_account(roles=("senior-helpdesk",)), an_account(roles=("administrator",))
    for name in names:
        decided(one, two, EventName(name))
    [pair] = found(detectors()["same-pair"])
    assert (pair.measure, pair.people) == (len(names), (one.pk, two.pk))


@given(st.lists(st.integers(0, 30), min_size=3, max_size=30), st.integers(1000, 10**6))
def test_one_busy_person_stands_out_and_moves_nobody_else(counts: list[int], much: int) -> None:
    scores = busy_agents.scores([*counts, much])
    assert scores[-1] == max(scores)
    assert scores[-1] > 0


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=30))
def test_scores_are_ordered_as_the_counts_are(counts: list[int]) -> None:
    scores = busy_agents.scores(counts)
    ordered = sorted(zip(counts, scores, strict=True))
    assert [score for _, score in ordered] == sorted(scores)
