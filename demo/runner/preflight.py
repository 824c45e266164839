"""What must be true before anything starts; each refusal is one sentence."""

import fcntl
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import redis
from django.db import DatabaseError, connection

from demo.runner.refusal import CannotStart

HOST = "127.0.0.1"
LARGEST_PORT = 65535
PATIENCE_SECONDS = 2.0  # a demo that was killed outright a moment ago still holds its port


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Hold the data folder; CannotStart when it cannot be written or another demo holds it."""
    try:
        folder.joinpath("log").mkdir(parents=True, exist_ok=True)
        lock = folder.joinpath("up.lock").open("a")
    except OSError as error:
        raise CannotStart(f"The folder {folder} cannot be written: {error.strerror}. Choose another with MFA_DATA_DIR.") from None
    with lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise CannotStart(
                f"Another demo is running with the folder {folder}. Stop it, or choose another folder with MFA_DATA_DIR."
            ) from None
        yield


def port_is_free(port: int) -> None:
    """CannotStart unless the web server will be able to listen."""
    if not 0 < port <= LARGEST_PORT:
        raise CannotStart(f"There is no port {port}: a port is a number from 1 to {LARGEST_PORT}.")
    over = time.monotonic() + PATIENCE_SECONDS
    while (problem := _why_not(port)) is not None:
        if time.monotonic() > over:
            another = port + 1 if port < LARGEST_PORT else 8001
            raise CannotStart(f"Port {port} cannot be used: {problem}. Choose another: make demo PORT={another}")
        time.sleep(0.2)


def _why_not(port: int) -> str | None:
    with closing(socket.socket()) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen()
        except OSError as error:
            return (error.strerror or str(error)).lower()
    return None


def database_is_sound() -> None:
    """CannotStart when the database cannot be opened, or is a damaged file."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check(1)" if connection.vendor == "sqlite" else "SELECT 'ok'")
            found = cursor.fetchone()[0]
    except DatabaseError as error:
        raise CannotStart(database_problem(error)) from None
    if found != "ok":
        raise CannotStart(database_problem(found))


def database_problem(problem: object) -> str:
    """The sentence for a database that does not work."""
    settings = connection.settings_dict
    said = str(problem).strip().partition("\n")[0] or type(problem).__name__
    if connection.vendor == "sqlite":
        return f"The database file {settings['NAME']} cannot be used: {said}. Put back a copy, or move it away to start afresh."
    return f"The database {settings['NAME']} cannot be used: {said}. Check DATABASE_URL."


def broker_answers(url: str) -> None:
    """CannotStart unless the Redis or Valkey that was given is there."""
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=5, socket_timeout=5) as client:
            client.ping()
    except (redis.RedisError, ValueError) as error:
        raise CannotStart(f"The server of REDIS_URL does not answer: {error}") from None
