"""The table of states: what leads where, and that nothing else does."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from policies.models import Application
from policies.states import CAN_TERMINATE, LIVE, TRANSITIONS, ApplicationState, IllegalStep, check_step

states = st.sampled_from(list(ApplicationState))


@pytest.mark.covers("S-141")
@given(old=states, new=states)
def test_a_step_is_legal_exactly_when_the_table_has_it(old: ApplicationState, new: ApplicationState) -> None:
    if new in TRANSITIONS[old]:
        check_step(old, new)
    else:
        with pytest.raises(IllegalStep):
            check_step(old, new)


@given(path=st.lists(states, max_size=12))
def test_whatever_is_tried_an_application_ends_and_stays_ended(path: list[ApplicationState]) -> None:
    current, ended = ApplicationState.APPLIED, False
    for wanted in path:
        try:
            check_step(current, wanted)
        except IllegalStep:
            continue
        assert not ended
        current, ended = wanted, not TRANSITIONS[wanted]


def test_in_effect_is_left_only_by_termination() -> None:
    assert TRANSITIONS[ApplicationState.IN_EFFECT] == {ApplicationState.TERMINATING}


def test_live_states_are_those_that_lead_on() -> None:
    assert set(LIVE) == {"applied", "in-effect", "withdrawing", "terminating"}
    assert set(CAN_TERMINATE) == {"applied", "in-effect"}


def test_every_state_can_be_reached_from_applied() -> None:
    reached, news = set(), {ApplicationState.APPLIED}
    while news:
        reached |= news
        news = set().union(*(TRANSITIONS[state] for state in news)) - reached
    assert reached == set(ApplicationState)


def test_an_illegal_step_leaves_the_application_as_it_was() -> None:
    application = Application(state=ApplicationState.WITHDRAWN)
    with pytest.raises(IllegalStep):
        application.step(ApplicationState.IN_EFFECT)
    assert application.state == "withdrawn"
