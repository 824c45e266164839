"""An account with an app, and a browser that is asked for its code."""

import pytest
from django.test import Client

from accounts.models import Account
from methods.models import RegisteredMethod
from tests.factories import a_totp_app
from tests.signin.door import enter_password


@pytest.fixture
def app(hana: Account) -> RegisteredMethod:
    return a_totp_app(hana)


@pytest.fixture
def waiting(client: Client, hana: Account, app: RegisteredMethod) -> Client:
    """A browser that is asked for hana's code."""
    enter_password(client, hana)
    return client
