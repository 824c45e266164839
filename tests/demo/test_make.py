"""How the supervisor gets on with `make`, which starts it and waits for it."""

import os
import pty
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.demo.running import ROOT, wait_until

WAITS = """
import time
from demo.runner.stopping import Stopping
from demo.runner.terminal import in_front
stopping = Stopping(with_parent=True)
with in_front():
    open("ready", "w").close()
    while not stopping.is_asked:
        time.sleep(0.05)
open("ended", "w").close()
"""


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., subprocess.Popen[bytes]]:
    """Starts `make` with a recipe that waits as the supervisor does; `terminal`: with Ctrl-C at hand."""
    (tmp_path / "waits.py").write_text(WAITS)
    (tmp_path / "Makefile").write_text(f"demo:\n\t@PYTHONPATH={ROOT} exec {sys.executable} waits.py\n")

    def start(terminal: str | None = None) -> subprocess.Popen[bytes]:
        command = f"exec make < {terminal}" if terminal else "exec make"
        process = subprocess.Popen(["sh", "-c", command], cwd=tmp_path, start_new_session=True)
        wait_until((tmp_path / "ready").exists, "the recipe runs", 20)
        return process

    return start


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGINT, signal.SIGHUP, signal.SIGTERM])
def test_whatever_ends_make_ends_the_supervisor(
    tmp_path: Path, make: Callable[..., subprocess.Popen[bytes]], number: signal.Signals
) -> None:
    process = make()
    process.send_signal(number)
    wait_until((tmp_path / "ended").exists, "the supervisor ends", 20)
    assert process.wait(20) == -number


def test_ctrl_c_at_the_terminal_is_no_error_to_make(tmp_path: Path, make: Callable[..., subprocess.Popen[bytes]]) -> None:
    keyboard, terminal = pty.openpty()
    process = make(os.ttyname(terminal))
    os.write(keyboard, b"\x03")
    assert process.wait(20) == 0
    assert (tmp_path / "ended").exists()
    os.close(keyboard)
    os.close(terminal)
