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


def test_a_process_that_a_test_has_left_behind_holds_up_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(side_by_side, "QUIET_SECONDS", 0.1)
    began = time.monotonic()
    leaving = f"import subprocess, sys; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}]); print('7 passed', flush=True)"
    [outcome, after] = run([Saying("One", leaving, 1), Saying("Two", "print('next')", 1)])
    said = capsys.readouterr().out
    assert outcome.finished
    assert after.finished
    assert "One 7 passed\n" in said
    assert "One left behind: " in said
    assert "Two next\n" in said
    assert time.monotonic() - began < 30


def test_a_part_that_hangs_says_where_and_is_ended(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(side_by_side, "QUIET_SECONDS", 0.1)
    monkeypatch.setattr(side_by_side, "SILENT_SECONDS", 2)
    talking = "import time; [print(n, flush=True) or time.sleep(0.05) for n in range(80)]"
    hanging, talking_one = Saying("One", f"import faulthandler; faulthandler.enable(); {STUBBORN}", 1), Saying("Two", talking, 1)
    outcomes = {one.part.name: one.finished for one in run([hanging], [talking_one])}
    assert outcomes == {"One": False, "Two": True}
    said = capsys.readouterr().out
    assert "One has said nothing for 0 minutes and is ended\n" in said
    assert "One Current thread" in said
