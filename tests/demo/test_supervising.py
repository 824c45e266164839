"""The parts of the supervisor that a whole demo does not show."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_django.fixtures import Settings

from demo.checks import only_in_the_demo
from demo.runner import child as child_module
from demo.runner import valkey
from demo.runner.child import Child, Program
from demo.runner.guard import Guard
from demo.runner.refusal import CannotStart
from demo.runner.stopping import SIGNALS, Stopping
from demo.runner.supervisor import Supervisor
from tests.demo.running import wait_until

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('ready', flush=True); time.sleep(60)"
WITH_OFFSPRING = "import subprocess; print(subprocess.Popen(['sleep', '60']).pid, flush=True)"


@pytest.fixture
def stopping() -> Iterator[Stopping]:
    before = {number: signal.getsignal(number) for number in SIGNALS}
    yield Stopping(with_parent=False)
    for number, handler in before.items():
        signal.signal(number, handler)


def _child(folder: Path, code: str) -> Child:
    program = Program("sample", "sample program", [sys.executable, "-c", code])
    return Child(program, logs=folder, folder=folder, environment=dict(os.environ), guard=Guard(needed=False))


def _is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_a_program_that_never_comes_up_is_a_refusal_that_names_its_log(tmp_path: Path, stopping: Stopping) -> None:
    said: list[str] = []
    supervisor = Supervisor(stopping, said.append)
    child = _child(tmp_path, "raise SystemExit(3)")
    supervisor.start(child)
    with pytest.raises(CannotStart, match=f"The sample program did not start. Its log says why: {tmp_path}/sample.log"):
        supervisor.wait_for(child, lambda: False, 30)
    assert len(said) == 3
    assert "exit code 3" in said[0]


def test_pauses_between_starts_grow_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module.time, "monotonic", lambda: 0.0)
    child, pauses = _child(tmp_path, "raise SystemExit(1)"), []
    for _ in range(8):
        child.start()
        child._process.wait()
        child.ended()
        pauses.append(child.again_at)
    assert pauses == [0.5, 1, 2, 4, 8, 10, 10, 10]


def test_a_program_that_does_not_listen_is_killed(tmp_path: Path, stopping: Stopping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("demo.runner.supervisor.GRACE_SECONDS", 0.5)
    supervisor = Supervisor(stopping, print)
    supervisor.start(_child(tmp_path, STUBBORN))
    wait_until(lambda: "ready" in (tmp_path / "sample.log").read_text(), "the program runs", 20)
    pid = supervisor.children[0]._process.pid
    supervisor.end()
    assert not _is_alive(pid)


def test_a_log_does_not_grow_for_ever(tmp_path: Path, stopping: Stopping, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_module, "LARGEST_LOG", 1000)
    supervisor = Supervisor(stopping, print)
    child = _child(tmp_path, "import time\nwhile True: print('x' * 99, flush=True); time.sleep(0.01)")
    supervisor.start(child)
    wait_until(lambda: supervisor._care() or (tmp_path / "sample.log.1").exists(), "the log is trimmed", 20)
    size = child.log.stat().st_size
    wait_until(lambda: child.log.stat().st_size > size, "the program goes on writing", 20)
    supervisor.end()


def test_what_a_program_leaves_behind_ends_before_it_is_started_again(tmp_path: Path) -> None:
    child = _child(tmp_path, WITH_OFFSPRING)
    child.start()
    wait_until(lambda: child.ended() is not None, "the program ends", 20)
    offspring = int((tmp_path / "sample.log").read_text())
    wait_until(lambda: not _is_alive(offspring), "its offspring ends", 10)


def test_a_guard_ends_what_still_runs_when_its_supervisor_is_gone() -> None:
    guard = Guard(needed=True)
    kept, left = (subprocess.Popen(["sleep", "60"], start_new_session=True) for _ in range(2))
    for process in (kept, left):
        guard.started(process.pid)
    guard.ended(kept.pid)
    guard.process.stdin.close()
    assert left.wait(20) == -signal.SIGKILL
    assert guard.process.wait(20) == 0
    assert kept.poll() is None
    kept.kill()
    kept.wait()


def test_valkey_listens_at_a_socket_in_the_data_folder() -> None:
    place = valkey.place(Path("/srv/mfa"))
    assert place.options == {"port": "0", "unixsocket": "/srv/mfa/valkey.sock", "unixsocketperm": "700"}
    assert place.variable == {"MFA_VALKEY_SOCKET": "/srv/mfa/valkey.sock"}


@pytest.mark.parametrize("name", ["x" * 120, "with a gap", "大学", "100%"])
def test_where_no_socket_can_be_it_listens_on_this_machine_with_a_password(tmp_path: Path, name: str) -> None:
    place = valkey.place(tmp_path / name)
    assert place.options["bind"] == "127.0.0.1"
    assert len(password := place.options["requirepass"]) == 64
    assert place.variable["REDIS_URL"].startswith(f"redis://:{password}@127.0.0.1:")
    assert password not in " ".join(valkey.program(tmp_path, place).command)


def test_the_demo_is_refused_outside_its_own_settings(settings: Settings) -> None:
    settings.DEMO = False
    assert [error.id for error in only_in_the_demo(None)] == ["demo.E001"]
    settings.DEMO = True
    assert only_in_the_demo(None) == []
