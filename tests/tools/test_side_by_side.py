"""Several parts on one screen: who says what stays clear, and nothing outlives an interruption."""

import os
import signal
import sys
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from tools import side_by_side
from tools.side_by_side import Part, run

FAILING = "print('..F. [ 50%]'); print('bringing up nodes...'); print('==== FAILURES ===='); print('told at the end'); raise SystemExit(1)"
BROKEN = "import sys; print('no usage', end=''); sys.exit(4)"
STUBBORN = "import time; print('ready', flush=True); time.sleep(60)"


@dataclass(frozen=True)
class Saying(Part):
    """A part whose pytest is a few lines of Python."""

    @property
    def command(self) -> list[str]:
        return [sys.executable, "-c", self.selection]


@pytest.fixture(autouse=True)
def _results_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "RESULTS", tmp_path)


def test_progress_comes_under_the_name_of_its_part_and_failures_in_one_piece(capsys: pytest.CaptureFixture[str]) -> None:
    outcomes = run([Saying("One", FAILING, 1), Saying("Three", BROKEN, 1)], [Saying("Two", FAILING, 1)])
    said = capsys.readouterr().out
    assert "One   ..F. [ 50%]\n" in said
    assert "\n── One\n==== FAILURES ====\ntold at the end\n" in said
    assert "Three no usage\n" in said
    assert "bringing up" not in said
    assert {one.part.name: one.finished for one in outcomes} == {"One": True, "Two": True, "Three": False}


def test_an_interruption_ends_every_part(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[side_by_side.Running] = []
    plain = side_by_side.Running.read

    def read(running: side_by_side.Running) -> bool:
        started.append(running)
        if len(started) == 2:
            threading.Timer(0.1, os.kill, (os.getpid(), signal.SIGINT)).start()
        return plain(running)

    monkeypatch.setattr(side_by_side.Running, "read", read)
    began = time.monotonic()
    with pytest.raises(KeyboardInterrupt):
        run([Saying("One", STUBBORN, 1)], [Saying("Two", STUBBORN, 1)])
    assert {running.process.poll() for running in started} == {-signal.SIGINT}
    assert time.monotonic() - began < 30
