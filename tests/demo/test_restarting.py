"""A program that dies needs no human."""

import re

import pytest
import redis
import requests

from tests.demo.running import PROGRAMS, RunningDemo, wait_until


def test_every_program_runs_and_the_accounts_are_printed(demo: RunningDemo) -> None:
    assert set(demo.programs()) == set(PROGRAMS)
    assert requests.get(f"{demo.url}/healthz", timeout=60).json() == {"status": "ok"}
    assert "the password of each is  demo-password" in demo.said()
    assert "0123456789   Hanako Yamada" in demo.said()
    assert f"{demo.url}/demo/phone/" in demo.said()


def test_keys_database_and_logs_are_for_their_owner_alone(demo: RunningDemo) -> None:
    for name in ("keys.json", "mfaadmin.sqlite3", "log/web.log"):
        assert (demo.folder / name).stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("name", ["worker", "worker-telephone", "worker-propagation", "beat"])
def test_a_killed_program_is_back_and_its_end_is_told_in_one_line(demo: RunningDemo, name: str) -> None:
    demo.kill(name)
    assert re.search(rf"ended by itself \(signal 9\) and is started again. Its log: \S+/log/{name}.log", demo.said())


def test_a_killed_web_server_answers_again(demo: RunningDemo) -> None:
    demo.kill("web")
    wait_until(lambda: _answers(demo), "the site answers")


def test_after_valkey_was_killed_the_workers_work_again(demo: RunningDemo) -> None:
    demo.kill("valkey")
    before = _succeeded(demo)
    wait_until(lambda: _succeeded(demo) > before + 1, "tasks run")


def test_valkey_keeps_a_file_and_evicts_nothing(demo: RunningDemo) -> None:
    with redis.Redis(unix_socket_path=str(demo.folder / "valkey.sock")) as server:
        assert server.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
        assert server.config_get("appendonly") == {"appendonly": "yes"}
        assert server.config_get("port") == {"port": "0"}


def _answers(demo: RunningDemo) -> bool:
    try:
        return requests.get(f"{demo.url}/healthz", timeout=5).ok
    except (requests.ConnectionError, requests.Timeout):
        return False


def _succeeded(demo: RunningDemo) -> int:
    """How many tasks the worker has finished, as its log tells."""
    return (demo.folder / "log" / "worker.log").read_text().count(" succeeded in ")
