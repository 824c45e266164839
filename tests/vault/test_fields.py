"""R-190: a secret belongs to its row, its column and its account; carried elsewhere it does not open."""

import pytest
from django.db import connection

from accounts.models import Account
from methods.kinds.totp.models import TotpDevice
from tests.factories import KEY, a_totp_app
from vault.fields import seal, unseal
from vault.keyring import CannotOpen


def app_of(account: Account) -> TotpDevice:
    return TotpDevice.objects.get(method=a_totp_app(account))


def test_a_secret_comes_back_from_the_database(hana: Account) -> None:
    assert unseal(app_of(hana), "seed") == KEY


def test_the_database_holds_no_secret(hana: Account) -> None:
    device = app_of(hana)
    with connection.cursor() as cursor:
        cursor.execute("SELECT seed FROM totp_totpdevice WHERE id = %s", [device.pk])
        stored = cursor.fetchone()[0]
    assert stored.startswith("v1.test.")
    assert KEY.decode() not in stored
    assert KEY.hex() not in stored


def test_a_secret_carried_to_another_row_does_not_open(hana: Account) -> None:
    one, other = app_of(hana), app_of(hana)
    TotpDevice.objects.filter(pk=other.pk).update(seed=one.seed)
    other.refresh_from_db()
    with pytest.raises(CannotOpen):
        unseal(other, "seed")


def test_a_row_handed_to_another_account_does_not_open(hana: Account, ken: Account) -> None:
    device = app_of(hana)
    TotpDevice.objects.filter(pk=device.pk).update(user=ken)
    device.refresh_from_db()
    with pytest.raises(CannotOpen):
        unseal(device, "seed")


def test_a_secret_of_another_column_does_not_open(hana: Account) -> None:
    device = app_of(hana)
    field = TotpDevice._meta.get_field("seed")
    column = field.name
    try:
        field.name = "other_column"
        with pytest.raises(CannotOpen):
            unseal(device, "seed")
    finally:
        field.name = column


def test_a_row_without_its_key_cannot_hold_a_secret(hana: Account) -> None:
    device = TotpDevice(user=hana, uid=None)
    with pytest.raises(TypeError):
        seal(device, "seed", KEY)


def test_only_a_sealed_column_holds_secrets(hana: Account) -> None:
    with pytest.raises(TypeError):
        seal(hana, "name_en", KEY)
