"""What prevents the start is one plain sentence and exit code 1."""

import socket
import subprocess
from pathlib import Path

import pytest

from tests.demo.running import RunningDemo, free_port, up


def _sentence(run: subprocess.CompletedProcess[str]) -> str:
    assert run.returncode == 1
    assert "Traceback" not in run.stderr
    lines = run.stderr.strip().splitlines()
    assert len(lines) == 1, run.stderr
    return lines[0]


def test_a_taken_port_is_named_with_a_way_out(tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        sentence = _sentence(up(tmp_path / "var", port))
    assert f"Port {port} cannot be used: address already in use" in sentence
    assert "make demo PORT=" in sentence


def test_a_port_that_is_no_port_is_refused(tmp_path: Path) -> None:
    assert "There is no port 70000" in _sentence(up(tmp_path / "var", 70000))


def test_a_file_in_place_of_the_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    assert f"The folder {tmp_path / 'var'} cannot be used" in _sentence(up(tmp_path / "var", free_port()))


def test_a_folder_that_nobody_can_write_is_refused() -> None:
    assert "The folder /proc/mfa cannot be used" in _sentence(up(Path("/proc/mfa"), free_port()))


def test_a_log_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("")
    assert f"The folder {tmp_path} cannot be written" in _sentence(up(tmp_path, free_port()))


def test_a_broken_database_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "mfaadmin.sqlite3").write_bytes(b"not a database at all" * 400)
    sentence = _sentence(up(tmp_path, free_port()))
    assert f"The database file {tmp_path / 'mfaadmin.sqlite3'} cannot be used: file is not a database" in sentence


@pytest.mark.parametrize("content", [b"", b"{", b"{}", b"[]", b"\xff\xfe"])
def test_a_damaged_key_file_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "keys.json").write_bytes(content)
    assert f"The key file {tmp_path / 'keys.json'} is damaged" in _sentence(up(tmp_path, free_port()))


def test_a_second_demo_on_the_same_folder_is_refused(demo: RunningDemo) -> None:
    assert f"Another demo is running with the folder {demo.folder}" in _sentence(up(demo.folder, free_port()))


def test_a_database_server_that_does_not_answer_is_refused(tmp_path: Path) -> None:
    sentence = _sentence(up(tmp_path, free_port(), DATABASE_URL=f"postgres://nobody@127.0.0.1:{free_port()}/mfa"))
    assert "The database mfa cannot be used: connection failed" in sentence


def test_a_broker_that_does_not_answer_is_refused(tmp_path: Path) -> None:
    assert "The server of REDIS_URL does not answer" in _sentence(up(tmp_path, free_port(), REDIS_URL=f"redis://127.0.0.1:{free_port()}/0"))
