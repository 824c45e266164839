"""The demo's secrets: made once, for their owner alone."""

import base64
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from mfaadmin.settings.demo_keys import keys_in
from tools.messages import ROOT
from vault.keyring import parse

PRINT = "import sys, json; from pathlib import Path; from mfaadmin.settings.demo_keys import keys_in; print(json.dumps(keys_in(Path(sys.argv[1]))))"


def test_keys_are_for_their_owner_alone(tmp_path: Path) -> None:
    before = os.umask(0)
    try:
        keys_in(tmp_path / "data")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "data" / "keys.json").stat().st_mode) == 0o600


def test_a_second_start_finds_the_same_keys(tmp_path: Path) -> None:
    assert keys_in(tmp_path) == keys_in(tmp_path)


def test_two_first_starts_at_once_agree(tmp_path: Path) -> None:
    starts = [subprocess.Popen([sys.executable, "-c", PRINT, tmp_path], cwd=ROOT, stdout=subprocess.PIPE) for _ in range(4)]
    made = [json.loads(start.communicate()[0]) for start in starts]
    assert all(keys == made[0] for keys in made)
    assert [path.name for path in tmp_path.iterdir()] == ["keys.json"]


def test_every_demo_has_keys_of_its_own(tmp_path: Path) -> None:
    one, other = keys_in(tmp_path / "one"), keys_in(tmp_path / "other")
    assert all(one[name] != other[name] for name in one)


def test_an_older_demo_keeps_its_keys_and_gets_what_it_lacks(tmp_path: Path) -> None:
    older = keys_in(tmp_path)
    del older["seal_key"]
    (tmp_path / "keys.json").write_text(json.dumps(older))
    starts = [subprocess.Popen([sys.executable, "-c", PRINT, tmp_path], cwd=ROOT, stdout=subprocess.PIPE) for _ in range(4)]
    made = [json.loads(start.communicate()[0]) for start in starts]
    assert all(keys == made[0] for keys in made)
    assert {name: made[0][name] for name in older} == older
    assert len(base64.b64decode(made[0]["seal_key"])) == 32


def test_the_keys_are_of_the_kinds_they_are_used_for(tmp_path: Path) -> None:
    keys = keys_in(tmp_path)
    assert parse(keys["mfa_keys"]).open(parse(keys["mfa_keys"]).seal(b"seed", place="here"), place="here") == b"seed"
    assert len(base64.urlsafe_b64decode(keys["vapid_private_key"] + "=")) == 32


@pytest.mark.parametrize("content", ["", "{", "{}", "[]", '"text"', '{"secret_key": 1}'])
def test_a_damaged_file_is_told_in_one_sentence(tmp_path: Path, content: str) -> None:
    (tmp_path / "keys.json").write_text(content)
    with pytest.raises(ImproperlyConfigured, match=r"damaged\. Put back a copy"):
        keys_in(tmp_path)


def test_a_folder_that_is_a_file_is_told_in_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("")
    with pytest.raises(ImproperlyConfigured, match=r"cannot be used: .*MFA_DATA_DIR"):
        keys_in(tmp_path / "data")
