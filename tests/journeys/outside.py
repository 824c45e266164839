"""A running site, every process of it real, whose gateway, push services and mail server are in trouble as a test says."""

import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

from demo.runner import valkey
from tests.journeys.stack import ROOT, Site, environment, running_site
from tests.methods.provider import Provider, provider
from tests.methods.push_service import PushService, push_service

SETTINGS = "tests.journeys.outside_settings"
HANGS_SECONDS = 30  # longer than anybody waits for it


@dataclass
class Outside:
    """The site and what is outside of it."""

    site: Site
    gateway: Provider
    push: PushService
    settings: dict[str, str]
    _numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def person(self, way: str, **more: Any) -> dict[str, Any]:
        """Somebody who is asked by `way` first and has an authenticator app beside it; not made yet."""
        n = next(self._numbers)
        return {"common_id": f"{5_500_000_000 + n}", "way": way, "number": f"+81901111{n:04}"} | more

    def make(self, people: list[dict[str, Any]]) -> None:
        """Into the site's database, with work for its workers."""
        place = valkey.place(self.site.folder)
        known = environment(self.site.folder, int(self.site.url.rpartition(":")[2]), **self.settings, **place.variable)
        subprocess.run(
            [sys.executable, "-m", "tests.journeys.outside_people"], check=True, cwd=ROOT, env=known, input=json.dumps(people), text=True
        )

    def asked_at_gateway(self, number: str) -> int:
        """How often the gateway was asked to text or call a number: each costs money."""
        return sum(facts.get("To") == number for _path, facts in self.gateway.requests)


@contextmanager
def outside(*, mail_hangs: bool = False) -> Iterator[Outside]:
    """For the time of the block."""
    with ExitStack() as stack:
        gateway, push = stack.enter_context(provider()), stack.enter_context(push_service())
        gateway.hangs_seconds = HANGS_SECONDS
        settings = {"DJANGO_SETTINGS_MODULE": SETTINGS, "OUTSIDE_GATEWAY": gateway.address, "PYTHONPATH": str(ROOT)}
        if mail_hangs:  # accepts, and never says a word
            server = stack.enter_context(socket.create_server(("127.0.0.1", 0), backlog=128))
            settings["OUTSIDE_MAIL_PORT"] = str(server.getsockname()[1])
        yield Outside(stack.enter_context(running_site(**settings)), gateway, push, settings)
