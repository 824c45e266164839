"""R-192: keys are changed while the site runs; a rotation that was killed goes on; afterwards the old key can go."""

import base64
import itertools
from collections.abc import Callable

import pytest
from django.core.management import CommandError, call_command
from django.db import models
from pytest_django import Settings

from accounts.models import Account
from methods.kinds.totp.models import TotpDevice
from tests.factories import KEY, a_totp_app
from vault import rotation
from vault.fields import seal, unseal
from vault.keyring import CannotOpen, keyring
from vault.rotation import rotate, stale_count

OLD, NEW = "old:" + base64.b64encode(b"o" * 32).decode(), "new:" + base64.b64encode(b"n" * 32).decode()
APPS = 7


@pytest.fixture
def keys(settings: Settings) -> Callable[..., None]:
    """`keys(NEW, OLD)`: the site runs with these keys from now on."""

    def use(*entries: str) -> None:
        settings.MFA_KEYS = ",".join(entries)

    return use


@pytest.fixture
def apps(hana: Account, keys: Callable[..., None], monkeypatch: pytest.MonkeyPatch) -> list[TotpDevice]:
    """Seven secrets under the old key, re-sealed two at a time."""
    monkeypatch.setattr(rotation, "BATCH", 2)
    keys(OLD)
    for _ in range(APPS):
        a_totp_app(hana)
    return list(TotpDevice.objects.all())


def secrets() -> list[bytes]:
    return [unseal(device, "seed") for device in TotpDevice.objects.order_by("pk")]


@pytest.mark.usefixtures("apps")
def test_afterwards_every_secret_is_under_the_new_key_and_the_old_one_can_go(keys: Callable[..., None]) -> None:
    keys(NEW, OLD)
    assert stale_count() == APPS
    call_command("rotate_keys")
    assert stale_count() == 0
    keys(NEW)
    assert secrets() == [KEY] * APPS


@pytest.mark.usefixtures("apps")
def test_old_and_new_secrets_open_while_it_runs(keys: Callable[..., None]) -> None:
    keys(NEW, OLD)
    for _ in rotate():
        assert secrets() == [KEY] * APPS


@pytest.mark.usefixtures("apps")
def test_a_rotation_that_was_killed_goes_on_where_it_stopped(keys: Callable[..., None]) -> None:
    keys(NEW, OLD)
    killed = list(itertools.islice(rotate(), 2))
    assert sum(step.resealed for step in killed) == 4
    assert stale_count() == APPS - 4
    assert sum(step.resealed for step in rotate()) == APPS - 4
    keys(NEW)
    assert secrets() == [KEY] * APPS


def test_a_secret_changed_meanwhile_is_left_as_it_is(
    apps: list[TotpDevice], keys: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    keys(NEW, OLD)
    changed = apps[0]
    resealed = rotation._reseal

    def change_first(column: rotation.Column, batch: list[models.Model]) -> rotation.Step:
        if changed in batch:
            seal(changed, "seed", b"set anew by its owner")
            changed.save()
        return resealed(column, batch)

    monkeypatch.setattr(rotation, "_reseal", change_first)
    assert sum(step.resealed for step in rotate()) == APPS - 1
    assert unseal(TotpDevice.objects.get(pk=changed.pk), "seed") == b"set anew by its owner"


@pytest.mark.usefixtures("apps")
def test_nothing_is_done_twice(keys: Callable[..., None]) -> None:
    keys(NEW, OLD)
    call_command("rotate_keys")
    before = list(TotpDevice.objects.values_list("seed", flat=True))
    call_command("rotate_keys")
    assert list(TotpDevice.objects.values_list("seed", flat=True)) == before


def test_a_secret_that_does_not_open_is_told_and_kept(apps: list[TotpDevice], keys: Callable[..., None]) -> None:
    TotpDevice.objects.filter(pk=apps[3].pk).update(seed="v1.lost.AAAA")
    keys(NEW, OLD)
    with pytest.raises(CommandError, match="1 secrets cannot be opened"):
        call_command("rotate_keys")
    assert stale_count() == 1
    with pytest.raises(CannotOpen):
        unseal(TotpDevice.objects.get(pk=apps[3].pk), "seed")


def test_a_process_that_still_seals_with_the_old_key_is_told_and_the_old_keys_are_kept(
    apps: list[TotpDevice], keys: Callable[..., None], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    keys(NEW, OLD)
    resealed = rotation._reseal

    def seal_behind(column: rotation.Column, batch: list[models.Model]) -> rotation.Step:
        step = resealed(column, batch)
        if apps[-1] in batch:
            keys(OLD, NEW)  # a process that was not started again
            seal(apps[0], "seed", b"sealed with the old key")
            apps[0].save()
            keys(NEW, OLD)
        return step

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(rotation, "_reseal", seal_behind)
        with pytest.raises(CommandError, match=r"^1 secrets .* Keep the old keys and run it again"):
            call_command("rotate_keys")
    assert "re-encrypted" not in capsys.readouterr().out
    call_command("rotate_keys")
    keys(NEW)
    assert secrets() == [b"sealed with the old key", *[KEY] * (APPS - 1)]


def test_a_new_key_is_one_that_can_be_used(capsys: pytest.CaptureFixture[str], keys: Callable[..., None]) -> None:
    call_command("make_key", "2027a")
    keys(capsys.readouterr().out.strip(), OLD)
    assert keyring().current == "2027a"
