"""The real thing: `manage.py up` on a free port with a folder of its own, as a visitor of the demo runs it."""

import html
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.error import URLError
from urllib.parse import quote
from urllib.request import urlopen

from demo.runner.leash import leash

T = TypeVar("T")
ROOT = Path(__file__).resolve().parents[2]
START_SECONDS, STOP_SECONDS, PATIENCE_SECONDS = 240, 45, 60
PROPAGATION_MINUTES = 0.1
KEPT = ("PATH", "HOME", "LANG", "TMPDIR")
CODE = re.compile(r"(?<![\d+])\d{6}(?!\d)")


class NotInTime(AssertionError):
    """What was waited for did not happen."""


def eventually(what: str, look: Callable[[], T | None], seconds: float = PATIENCE_SECONDS) -> T:
    """The first thing that `look` finds; NotInTime after so many seconds."""
    until = time.monotonic() + seconds
    while (found := look()) is None:
        if time.monotonic() > until:
            raise NotInTime(f"{what}: not within {seconds:.0f} seconds")
        time.sleep(0.2)
    return found


@dataclass(frozen=True)
class Site:
    """The running site, and the demo's stand-ins for phone and mailbox."""

    url: str
    folder: Path
    process: subprocess.Popen[bytes]

    def text_of(self, path: str) -> str:
        """What a page of the demo says, without its markup."""
        with urlopen(f"{self.url}{path}", timeout=60) as answer:  # noqa: S310  our own address
            page = answer.read().decode()
        main = page.partition("<main")[2] or page
        return html.unescape(" ".join(re.sub(r"<[^>]*>", " ", main).split()))

    def codes_at(self, path: str) -> list[str]:
        """Six-digit codes on a page of the demo, newest first."""
        return CODE.findall(self.text_of(path))

    def code_texted_to(self, number: str, *, unlike: str = "") -> str:
        """The newest code on the demo phone of `number` (+8190…), as soon as there is another one than `unlike`."""
        return self._newest(f"/demo/phone/{quote(number)}/", unlike)

    def code_mailed(self, *, unlike: str = "") -> str:
        """The newest code in the demo mailbox, as soon as there is another one than `unlike`."""
        return self._newest("/demo/mailbox/", unlike)

    def _newest(self, path: str, unlike: str) -> str:
        def look() -> str | None:
            codes = self.codes_at(path)
            return codes[0] if codes and codes[0] != unlike else None

        return eventually(f"a code at {path}", look)


def free_port() -> int:
    """A port that nobody listens on just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def _answers(url: str, process: subprocess.Popen[bytes], log: Path) -> bool | None:
    if process.poll() is not None:
        raise NotInTime(f"the site ended with code {process.returncode}:\n{log.read_text()[-3000:]}")
    try:
        with urlopen(f"{url}/healthz", timeout=5):  # noqa: S310  our own address
            return True
    except (URLError, OSError):
        return None


def environment(folder: Path, port: int, **settings: str) -> dict[str, str]:
    """What `manage.py up` is started with: nothing of the tests' own settings, all services embedded."""
    own = {"PORT": str(port), "MFA_DATA_DIR": str(folder), "MFA_PROPAGATION_MINUTES": str(PROPAGATION_MINUTES)}
    return {key: os.environ[key] for key in KEPT if key in os.environ} | own | settings


def _end(process: subprocess.Popen[bytes]) -> int:
    process.send_signal(signal.SIGTERM)
    try:
        return process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        raise


@contextmanager
def running_site(**settings: str) -> Iterator[Site]:
    """A site that lives as long as the block; it must end by SIGTERM with exit code 0."""
    with tempfile.TemporaryDirectory(prefix="mfaadmin-site-") as name:
        folder, port = Path(name), free_port()
        log = folder / "up.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "manage.py", "up"],
                cwd=ROOT,
                env=environment(folder, port, **settings),
                stdout=output,
                stderr=output,
                preexec_fn=leash(),  # noqa: PLW1509  however the tests end, it ends with them
            )
        site = Site(f"http://127.0.0.1:{port}", folder, process)
        try:
            eventually("the site answers", lambda: _answers(site.url, process, log), START_SECONDS)
            yield site
        finally:
            ended = _end(process)
        assert ended == 0, f"the site ended with code {ended}:\n{log.read_text()[-3000:]}"
