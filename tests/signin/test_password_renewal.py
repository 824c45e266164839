"""R-005: a hash that is made anew takes the place of the one that was compared, and of no other."""

from typing import Any

import pytest
from django.contrib.auth.hashers import make_password
from django.test import Client

from accounts.models import Account
from tests.factories import PASSWORD
from tests.signin.door import enter_password

pytestmark = pytest.mark.django_db


def test_a_password_that_is_changed_during_the_renewal_stays_changed(
    client: Client, hana: Account, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise whoever knows the old one could bring it back."""
    settings.MFA_ARGON2_PASSES += 1
    changed, plain = make_password("another password"), Account.set_password

    def slow(account: Account, password: str) -> None:
        Account.objects.filter(pk=account.pk).update(password=changed)
        plain(account, password)

    monkeypatch.setattr(Account, "set_password", slow)
    assert enter_password(client, hana, password=PASSWORD).status_code == 200
    assert Account.objects.get(pk=hana.pk).password == changed
