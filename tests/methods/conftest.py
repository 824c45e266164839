"""What the tests of the methods share."""

from typing import Any

import pytest

from accounts.models import Account
from methods.models import RegisteredMethod
from policies.models import ConnectedSystem
from policies.systems import ensure_system
from tests.factories import a_phone
from tests.methods.caller import Exchange
from tests.methods.people import Handset
from tests.methods.ringing import NUMBER


@pytest.fixture
def handset(monkeypatch: Any) -> Handset:
    """Texts are kept instead of sent."""
    handset = Handset()
    monkeypatch.setattr("methods.kinds.phone.kind.sms_gateway", lambda: handset)
    return handset


@pytest.fixture
def exchange(monkeypatch: Any) -> Exchange:
    """Texts and calls go through our own gateway to a stand-in for Twilio."""
    return Exchange().connect(monkeypatch)


@pytest.fixture(autouse=True)
def _broker_of_this_test(monkeypatch: Any) -> None:
    """Whether the broker was down in another test is no matter here."""
    monkeypatch.setattr("methods.delivery._Broker.quiet_until", 0.0)


@pytest.fixture
def phone(hana: Account) -> RegisteredMethod:
    """A phone that is called."""
    return a_phone(hana, NUMBER, way="call")


@pytest.fixture
def vpn(db: None) -> ConnectedSystem:
    """A connected system that cannot ask for a key."""
    return ensure_system(
        "vpn", connector="webhook", name_en="Remote access", name_ja="リモートアクセス", address="https://vpn.example.ac.jp/"
    )
