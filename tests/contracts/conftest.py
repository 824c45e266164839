"""A device of each installed kind, unfinished and as a method."""

from typing import Any

import pytest
from django.db import transaction

from accounts.models import Account
from methods import lifecycle
from methods.contract import MethodKind
from methods.devices import MethodDevice
from methods.models import RegisteredMethod
from methods.registry import kind, kinds
from tests.contracts.knowing import BINDING, Knows
from tests.methods.people import Handset


@pytest.fixture
def knows(monkeypatch: Any) -> Knows:
    handset = Handset()
    monkeypatch.setattr("methods.kinds.phone.kind.sms_gateway", lambda: handset)
    monkeypatch.setattr("methods.calls.voice_gateway", lambda: handset)
    return Knows(handset)


@pytest.fixture(params=[known.code for known in kinds()])
def known(request: pytest.FixtureRequest) -> MethodKind:
    return kind(request.param)


@pytest.fixture
def unfinished(hana: Account, known: MethodKind, knows: Knows) -> MethodDevice:
    return lifecycle.begin(hana, knows.device(hana, known.code), binding=BINDING)


@pytest.fixture
def registered(hana: Account, known: MethodKind, unfinished: MethodDevice) -> RegisteredMethod:
    with transaction.atomic():
        return lifecycle.register(hana, unfinished, name="mine", hint="")
