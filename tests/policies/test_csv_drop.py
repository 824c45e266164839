"""Files in a folder, for systems that read nothing else."""

import base64
import csv
import hmac
from pathlib import Path
from typing import Any

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db.models import F
from pytest_django import Settings

from policies.claims import claim
from policies.connectors import dropping
from policies.connectors.base import Answer, Change, Configuration, Outdated, Permanent, Transient, Unknown
from policies.connectors.csv_drop import CsvDropConnector
from policies.models import ConnectedSystem, Delivery
from policies.propagation import release_system, retry
from tests.factories import an_account
from tests.policies.connected import KEY, a_folder
from tests.policies.deliveries import planned
from tests.policies.files import accounts_written, files_age, minutes_pass, receive
from vault.fields import seal

pytestmark = pytest.mark.django_db


def change(account: str = "1000000001", state: str = "on", revision: int = 1) -> Change:
    return Change(account=account, state=state, revision=revision, key=f"{account}-{revision}")


def tell(system: ConnectedSystem, *changes: Change) -> list[Answer]:
    return list(CsvDropConnector(system).apply(changes))


def only_file(folder: Path) -> Path:
    [path] = folder.glob("*.csv")
    return path


@pytest.mark.covers("S-144")
def test_a_batch_is_one_file_that_says_who_what_and_which_revision(tmp_path: Path, settings: Settings) -> None:
    told = tell(a_folder(tmp_path, settings, receipts=False), change(), change("1000000002", "off", 7))
    assert [answer.failure for answer in told] == [None, None]
    rows = list(csv.reader(only_file(tmp_path).read_text().splitlines()))
    assert rows == [
        ["account", "state", "revision", "key"],
        ["1000000001", "on", "1", "1000000001-1"],
        ["1000000002", "off", "7", "1000000002-7"],
    ]
    assert sorted(path.name.rpartition(".csv")[2] for path in tmp_path.iterdir()) == ["", ".sig"]


def test_the_signature_is_that_of_the_file(tmp_path: Path, settings: Settings) -> None:
    tell(a_folder(tmp_path, settings, receipts=False), change())
    path = only_file(tmp_path)
    kind, signature = path.with_name(f"{path.name}.sig").read_text().split()
    public = Ed25519PrivateKey.from_private_bytes(base64.b64decode(KEY)).public_key()
    public.verify(base64.b64decode(signature), path.read_bytes())
    with pytest.raises(InvalidSignature):
        public.verify(base64.b64decode(signature), path.read_bytes().replace(b",on,", b",off,"))
    assert kind == "ed25519"


def test_a_signature_with_a_shared_secret(tmp_path: Path, settings: Settings) -> None:
    tell(a_folder(tmp_path, settings, receipts=False, signature="hmac"), change())
    path = only_file(tmp_path)
    expected = hmac.new(KEY.encode(), path.read_bytes(), "sha256").hexdigest()
    assert path.with_name(f"{path.name}.sig").read_text() == f"hmac-sha256 {expected}\n"


def test_with_receipts_only_these_confirm(tmp_path: Path, settings: Settings) -> None:
    system, changes = a_folder(tmp_path, settings), [change(f"100000000{number}") for number in range(4)]
    for _time in range(2):
        assert {type(answer.failure) for answer in tell(system, *changes)} == {Transient}
    path = only_file(tmp_path)
    outcomes = ["applied", "unknown-account", "outdated"]
    lines = [f"{one.key},{outcome}" for one, outcome in zip(changes, outcomes, strict=False)]
    path.with_name(f"{path.name}.receipt").write_text("\n".join(["key,outcome", *lines]))
    assert [type(answer.failure) for answer in tell(system, *changes)] == [type(None), Unknown, Outdated, Transient]


def at_once() -> None:
    """Tell the system without waiting for its next file, and without turning the clock: the files have the hour in their names."""
    ConnectedSystem.objects.update(next_batch_at=None)
    Delivery.objects.update(next_try_at=F("due_at"))
    release_system("printers")


@pytest.mark.covers("S-144")
def test_what_a_person_passes_on_again_is_written_again_and_its_old_receipt_stands_for_nothing(tmp_path: Path, settings: Settings) -> None:
    planned(a_folder(tmp_path, settings), an_account())
    at_once()
    receive(tmp_path, "unknown-account")
    at_once()
    assert Delivery.objects.get().state == "failed"
    retry(Delivery.objects.get(), actor=None)
    files_age(tmp_path, 5)
    for _time in range(3):
        at_once()
    assert (Delivery.objects.get().state, accounts_written(tmp_path)) == ("waiting", 2)
    receive(tmp_path, "applied")
    at_once()
    assert Delivery.objects.get().state == "confirmed"


def test_what_lies_there_under_another_signature_is_written_again(tmp_path: Path, settings: Settings) -> None:
    system = a_folder(tmp_path, settings)
    tell(system, change())
    tell(system, change())
    assert accounts_written(tmp_path) == 1
    seal(system, "credentials", base64.b64encode(b"the key that the receiver knows!"))
    for _time in range(2):
        files_age(tmp_path, 6)
        tell(system, change())
    assert accounts_written(tmp_path) == 2


def test_files_of_another_system_in_the_same_folder_are_not_read(tmp_path: Path, settings: Settings) -> None:
    system = a_folder(tmp_path, settings)
    name = f"mfa-{system.code}-two-20260401T000000.000000Z-00000000.csv"
    (tmp_path / name).write_text(f"account,state,revision,key\r\n1,on,1,{change().key}\r\n")
    (tmp_path / f"{name}.receipt").write_text(f"key,outcome\n{change().key},applied\n")
    assert isinstance(tell(system, change())[0].failure, Transient)
    assert len(list(tmp_path.glob("*.csv"))) == 2


@pytest.mark.parametrize("account", ["=1+1", "+1", "-1", "@x", "\tx", "'1"])
def test_an_account_that_a_spreadsheet_would_calculate_is_never_written(tmp_path: Path, settings: Settings, account: str) -> None:
    told = tell(a_folder(tmp_path, settings, receipts=False), change(account), change())
    assert isinstance(told[0].failure, Permanent)
    assert told[1].failure is None
    assert len(only_file(tmp_path).read_text().splitlines()) == 2


def test_a_file_is_complete_or_not_there_at_all(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    system = a_folder(tmp_path, settings, receipts=False)
    monkeypatch.setattr(dropping.os, "fsync", full)
    with pytest.raises(Transient):
        tell(system, change())
    assert list(tmp_path.iterdir()) == []


def test_whoever_sees_a_file_finds_its_signature(tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    appeared: list[str] = []
    rename = Path.replace

    def noted(self: Path, target: Path) -> Path:
        appeared.append(Path(target).suffix)
        return rename(self, target)

    monkeypatch.setattr(Path, "replace", noted)
    tell(a_folder(tmp_path, settings, receipts=False), change())
    assert appeared == [".sig", ".csv"]


def test_files_go_only_into_folders_that_are_allowed(tmp_path: Path, settings: Settings) -> None:
    inside = tmp_path / "drop"
    inside.mkdir()
    (inside / "link").symlink_to(tmp_path)
    system = a_folder(inside, settings, receipts=False)
    CsvDropConnector(system).try_connection()
    for path in (str(tmp_path), f"{inside}/..", str(inside / "link"), "drop", ""):
        system.address = path
        for attempt in (lambda: tell(system, change()), CsvDropConnector(system).try_connection):
            with pytest.raises(Configuration, match="allowed"):
                attempt()
    system.address = str(inside / "gone")
    with pytest.raises(Configuration, match="not there"):
        tell(system, change())


@pytest.mark.parametrize(("kind", "secret"), [("ed25519", "short"), ("ed25519", "c2hvcnQ="), ("hmac", "short")])
def test_a_key_that_is_none_stops_the_system(tmp_path: Path, settings: Settings, kind: str, secret: str) -> None:
    system = a_folder(tmp_path, settings, signature=kind)
    seal(system, "credentials", secret.encode())
    with pytest.raises(Configuration, match="the secret is"):
        tell(system, change())


def test_a_folder_that_cannot_be_written_is_found_by_trying_the_connection(
    tmp_path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    system = a_folder(tmp_path, settings)
    CsvDropConnector(system).try_connection()
    assert list(tmp_path.iterdir()) == []

    def refused(*args: Any) -> int:
        raise PermissionError

    monkeypatch.setattr(dropping.os, "open", refused)
    with pytest.raises(Configuration, match="written"):
        CsvDropConnector(system).try_connection()


def test_one_change_by_itself(tmp_path: Path, settings: Settings) -> None:
    with pytest.raises(Transient, match="receipt"):
        CsvDropConnector(a_folder(tmp_path, settings)).tell(change())


def test_receipts_that_take_their_time_are_no_failure_of_the_system(tmp_path: Path, settings: Settings) -> None:
    system = a_folder(tmp_path, settings)
    ConnectedSystem.objects.filter(pk=system.pk).update(batch_size=5)
    planned(system, *(an_account() for _ in range(12)))
    for _minute in range(8):
        release_system("printers")
        minutes_pass(1)
    planned(system, an_account())
    for _minute in range(6):
        release_system("printers")
        minutes_pass(1)
    system.refresh_from_db()
    assert (accounts_written(tmp_path), system.opened_at, system.failures) == (13, None, 0)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"waiting"}


def test_what_a_worker_left_behind_makes_nobody_wait_for_the_next_window(tmp_path: Path, settings: Settings) -> None:
    system = a_folder(tmp_path, settings, receipts=False)
    connector = CsvDropConnector(system)
    planned(system, *(an_account() for _ in range(10)))
    assert len(claim("printers", connector.capability, pause=connector.pause)) == 10
    minutes_pass(7)
    planned(system, an_account())
    release_system("printers")
    assert set(Delivery.objects.values_list("state", flat=True)) == {"confirmed"}
