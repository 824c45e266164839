"""What people do at the door while their phone rings."""

from typing import Any

from django.test import Client

from accounts.models import Account
from methods.models import Challenge
from tests.methods.people import send_all
from tests.signin.door import enter_password

VERIFY = "/signin/verify/"
NUMBER = "+819012345678"


def ring(client: Client, account: Account) -> None:
    """The password, and the worker that places the call."""
    assert enter_password(client, account)["Location"] == VERIFY
    send_all()


def page_of(client: Client) -> str:
    return client.get(VERIFY).content.decode()


def options_of(client: Client) -> str:
    """Where the page leads while nothing could be asked."""
    assert client.get(VERIFY)["Location"] == f"{VERIFY}options/"
    return client.get(f"{VERIFY}options/").content.decode()


def go_on(client: Client) -> Any:
    """What the page does by itself when the call was confirmed."""
    return client.post(VERIFY, {})


def waiting(client: Client) -> str:
    challenge = Challenge.objects.latest("issued_at")
    return client.get(f"{VERIFY}waiting/{challenge.pk}/").content.decode()
