"""R-040 to R-042, RFC 6238: which codes of an app are right, and how often."""

import base64
import inspect
from datetime import UTC, datetime, timedelta

import pytest
import time_machine

from accounts.models import Account
from methods.kinds.totp.kind import TotpKind
from methods.kinds.totp.models import TotpDevice
from methods.kinds.totp.seed import key_text, matching_step, new_device
from methods.models import Challenge
from methods.timecodes import DRIFT_STEPS, STEP_SECONDS
from tests.factories import a_totp_app, app_code
from tests.signin.test_totp_journey import oathtool
from vault.fields import seal, unseal
from vault.keyring import CannotOpen

RFC_KEY = b"12345678901234567890"
RFC_6238 = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]
NOW = datetime(2026, 5, 1, 12, 0, 10, tzinfo=UTC)


@pytest.fixture
def device(hana: Account) -> TotpDevice:
    a_totp_app(hana)
    return TotpDevice.objects.get()


def check(device: TotpDevice, code: str) -> bool:
    return TotpKind().check(device, Challenge(), code)


@pytest.mark.covers("S-09")
@pytest.mark.parametrize(("moment", "code"), RFC_6238)
def test_the_codes_are_those_of_the_standard(device: TotpDevice, moment: int, code: str) -> None:
    seal(device, "seed", RFC_KEY)
    assert matching_step(device, code, now=moment) == moment // 30


def test_the_codes_are_those_of_oathtool(device: TotpDevice) -> None:
    key = base64.b32encode(unseal(device, "seed")).decode()
    for moment in ("2026-05-01 12:00:10 UTC", "2031-12-31 23:59:59 UTC"):
        now = datetime.strptime(moment, "%Y-%m-%d %H:%M:%S UTC").replace(tzinfo=UTC).timestamp()
        assert matching_step(device, oathtool(key, "-N", moment), now=now) == int(now) // 30


def test_the_clock_of_a_phone_may_be_off_by_one_step_and_no_more(device: TotpDevice) -> None:
    with time_machine.travel(NOW, tick=False):
        right = [ahead for ahead in range(-5, 6) if matching_step(device, app_code(steps_ahead=ahead), now=NOW.timestamp())]
    assert right == [-1, 0, 1]
    assert (DRIFT_STEPS, STEP_SECONDS) == (1, 30)


def test_a_code_is_right_once(device: TotpDevice) -> None:
    with time_machine.travel(NOW, tick=False):
        assert check(device, app_code())
        assert not check(device, app_code())


def test_the_code_before_the_one_used_is_no_longer_right(device: TotpDevice) -> None:
    with time_machine.travel(NOW, tick=False):
        assert check(device, app_code(steps_ahead=1))
        assert not check(device, app_code(steps_ahead=0))
        assert not check(device, app_code(steps_ahead=-1))


def test_the_code_after_the_one_used_is_right_in_its_turn(device: TotpDevice) -> None:
    with time_machine.travel(NOW, tick=False) as moment:
        assert check(device, app_code(steps_ahead=-1))
        assert check(device, app_code())
        moment.shift(timedelta(seconds=30))
        assert check(device, app_code())


def test_a_clock_that_is_set_back_makes_no_code_right_again(device: TotpDevice) -> None:
    with time_machine.travel(NOW, tick=False) as moment:
        assert check(device, app_code())
        used = app_code()
        moment.move_to(NOW - timedelta(seconds=30))
        assert not check(device, used)


def test_a_stale_copy_of_the_device_does_not_bring_a_code_back(device: TotpDevice) -> None:
    copy = TotpDevice.objects.get()
    with time_machine.travel(NOW, tick=False):
        assert check(device, app_code())
        assert not check(copy, app_code())


def test_every_app_counts_its_own_codes(hana: Account, ken: Account) -> None:
    a_totp_app(hana)
    a_totp_app(ken)
    first, second = TotpDevice.objects.order_by("pk")
    assert check(first, app_code())
    assert check(second, app_code())


def test_seeds_are_new_each_time_long_enough_and_sealed(hana: Account) -> None:
    devices = [new_device(hana) for _ in range(20)]
    seeds = {unseal(device, "seed") for device in devices}
    assert len(seeds) == 20
    assert {len(seed) for seed in seeds} == {20}
    assert "os.urandom" in inspect.getsource(new_device)
    device = devices[0]
    device.save()
    stored = TotpDevice.objects.values_list("seed", flat=True).get(pk=device.pk)
    assert stored.startswith("v1.")
    assert key_text(device).replace(" ", "") not in stored
    assert base64.b32decode(key_text(device).replace(" ", "")) == unseal(device, "seed")


def test_a_seed_moved_to_another_account_does_not_open(hana: Account, ken: Account) -> None:
    a_totp_app(hana)
    a_totp_app(ken)
    mine, other = TotpDevice.objects.order_by("pk")
    other.seed = mine.seed
    with pytest.raises(CannotOpen):
        check(other, app_code())


def test_another_kind_of_device_is_never_right(device: TotpDevice) -> None:
    assert TotpKind().check(object(), Challenge(), app_code()) is False  # type: ignore[arg-type]


def test_codes_of_a_device_are_not_shown_by_its_text(device: TotpDevice) -> None:
    assert device.seed not in f"{device} {device!r}"
