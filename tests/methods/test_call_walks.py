"""R-074, R-082: whatever callbacks come in whatever order, only a person who keyed the right answer after the question is believed."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Account
from methods import calls
from methods.calls import Answerer, Then, answered, listening, pressed
from methods.models import Call, Challenge
from tests.factories import a_phone

STEPS = st.lists(
    st.sampled_from(["human", "machine", "unknown", "listen", "#", "0", "1", "", "right", "ended"]),
    max_size=9,
)


def step(call: Call, name: str) -> Any:
    if name in set(Answerer):
        return answered(call, Answerer(name))
    if name == "listen":
        return listening(call)
    if name == "ended":
        return calls.ended(call, "completed")
    return pressed(call, f"{calls.digits(call.challenge)}#" if name == "right" else name)


def believed(steps: list[str], *, asks_digits: bool) -> bool:  # noqa: C901  all rules at one glance
    """What ought to come of it, told in another way: the only road to a yes."""
    state = "placed"
    digits, patience = asks_digits, 2
    for name in steps:
        if state == "placed" and name in {"human", "unknown"}:
            state, digits = "asked", digits or name == "unknown"
        elif state == "placed" and name == "machine":
            return False
        elif state == "asked" and name == "listen":
            state = "listening"
        elif state == "listening" and name in {"#", "0", "1", "", "right"}:
            if name == ("right" if digits else "#"):
                return True
            if name == "" or (digits and len(name) <= 2 and name != "right"):
                patience -= 1
                state = "asked" if patience else "over"
            elif name == "0" and not digits:
                state = "over"
            else:
                return False
        elif name == "ended":
            return False
        if state == "over":
            return False
    return False


@pytest.mark.parametrize("asks_for", ["the pound key", "digits"])
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_there_is_one_road_to_a_yes(hana: Account, asks_for: str, steps: list[str]) -> None:
    asks_digits = asks_for == "digits"
    Account.objects.update(failures=0, holds=0, held_until=None)
    phone = hana.registered_methods.first() or a_phone(hana, way="call")
    until = timezone.now() + timedelta(minutes=3)
    challenge = Challenge.objects.create(account=hana, method=phone, kind="phone", way="call", purpose="sign-in", expires_at=until)
    Call.objects.all().delete()
    row = Call.objects.create(challenge=challenge, token_digest="d", number="+819012345678", asks_digits=asks_digits)
    heard = [step(Call.objects.select_related("challenge__account").get(pk=row.pk), name) for name in steps]
    challenge.refresh_from_db()
    assert (challenge.approved_at is not None) == believed(steps, asks_digits=asks_digits), heard
    assert heard.count(Then.APPROVED) == int(challenge.approved_at is not None)
