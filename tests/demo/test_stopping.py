"""However it ends, nothing is left, and what was done is kept."""

import signal
import sqlite3
from pathlib import Path

import pytest

from tests.demo.running import RunningDemo, wait_until


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A name with a gap and a path too long for a socket."""
    return tmp_path_factory.mktemp("stopping") / ("a long name " * 8) / "var"


def _accounts(folder: Path) -> int:
    with sqlite3.connect(folder / "mfaadmin.sqlite3") as database:
        return int(database.execute("SELECT count(*) FROM accounts_account").fetchone()[0])


def test_a_supervisor_that_is_killed_leaves_no_process(folder: Path) -> None:
    demo = RunningDemo(folder)
    assert demo.end(signal.SIGKILL) == -signal.SIGKILL
    wait_until(lambda: not demo.left_over(), "everything is gone", 10)


def test_after_a_kill_it_starts_with_its_data_even_if_the_file_of_valkey_is_damaged(folder: Path) -> None:
    accounts = _accounts(folder)
    for part in (folder / "valkey" / "appendonlydir").iterdir():
        part.write_bytes(b"nonsense\n" * 100)
    demo = RunningDemo(folder)
    assert "is damaged; it is set aside" in demo.said()
    assert _accounts(folder) == accounts >= 9
    assert demo.end(signal.SIGTERM) == 0
    assert demo.left_over() == []
    assert demo.said().endswith("Stopping.\n")


def test_an_interrupt_from_the_keyboard_ends_everything_with_exit_code_0(folder: Path) -> None:
    demo = RunningDemo(folder)
    assert demo.end(signal.SIGINT) == 0
    assert demo.left_over() == []
