"""Let Firefox judge Web Push: it subscribes at a push service of our own, and its service worker reads what the site sends.

`python tools/judge_firefox.py http://127.0.0.1:8000`, with the demo running there, MFA_DATA_DIR naming its folder unless that is `var`,
and Firefox (Debian: firefox-esr) installed. The browser is led by WebDriver BiDi.
"""

import asyncio
import json
import os
import shutil
import sys
import tempfile
import uuid
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from itertools import count
from pathlib import Path
from typing import Any

import django
from aiohttp import ClientSession, ClientWebSocketResponse, web

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
os.environ["DJANGO_SETTINGS_MODULE"] = "mfaadmin.settings.demo"
django.setup()

from methods.kinds.push import webpush  # noqa: E402  the settings come first
from methods.kinds.push.models import PushDevice  # noqa: E402
from methods.models import Challenge  # noqa: E402

PATIENCE = 60
DELIVERED = 100  # how a browser acknowledges what its worker has taken; 101: could not be decrypted, 102: the worker failed
PREFERENCES = {
    "remote.prefs.recommended": False,  # which would switch the push service off
    "dom.push.testing.ignorePermission": True,
    "dom.push.testing.allowInsecureServerURL": True,
    "permissions.default.desktop-notification": 1,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
    "app.update.enabled": False,
}
SUBSCRIBE = """(async () => {
  window.heard = [];
  navigator.serviceWorker.addEventListener("message", (event) => heard.push(event.data));
  const worker = await navigator.serviceWorker.ready;
  const raw = atob(document.body.dataset.applicationKey.replaceAll("-", "+").replaceAll("_", "/"));
  const applicationServerKey = Uint8Array.from(raw, (letter) => letter.charCodeAt(0));
  return JSON.stringify(await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey }));
})()"""


class PushService:
    """As much of Mozilla's push service as one browser needs: it registers channels, passes on what is posted, and takes its word on it."""

    def __init__(self) -> None:
        self.port = 0
        self.browser: web.WebSocketResponse | None = None
        self.acknowledged: asyncio.Queue[int] = asyncio.Queue()

    async def listen(self, request: web.Request) -> web.WebSocketResponse:
        self.browser = web.WebSocketResponse(protocols=["push-notification"])
        await self.browser.prepare(request)
        async for message in self.browser:
            await self._hear(json.loads(message.data))
        return self.browser

    async def _hear(self, said: dict[str, Any]) -> None:
        answers: dict[str, dict[str, Any]] = {
            "hello": {"status": 200, "uaid": uuid.uuid4().hex, "use_webpush": True},
            "register": {"status": 200, "pushEndpoint": f"http://127.0.0.1:{self.port}/push/{said.get('channelID')}"},
            "unregister": {"status": 200},
        }
        kind = said.get("messageType", "")
        if kind == "ack":
            for update in said["updates"]:
                self.acknowledged.put_nowait(update["code"])
        elif kind in answers and self.browser:
            await self.browser.send_json({"messageType": kind, "channelID": said.get("channelID")} | answers[kind])

    async def take(self, request: web.Request) -> web.Response:
        body = urlsafe_b64encode(await request.read()).decode().rstrip("=")
        headers = {"encoding": request.headers["Content-Encoding"]}
        message = {"messageType": "notification", "channelID": request.match_info["channel"], "version": uuid.uuid4().hex}
        if self.browser:
            await self.browser.send_json(message | {"data": body, "headers": headers})
        return web.Response(status=201)


@asynccontextmanager
async def push_service() -> AsyncIterator[PushService]:
    """A push service for the time of the block."""
    service, app = PushService(), web.Application()
    app.add_routes([web.get("/", service.listen), web.post("/push/{channel}", service.take)])
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    service.port = runner.addresses[0][1]
    yield service
    await runner.cleanup()


class Firefox:
    """A browser without a window, as WebDriver BiDi leads it."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self.socket, self.numbers, self.context = socket, count(1), ""

    async def do(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self.numbers)
        await self.socket.send_json({"id": number, "method": method, "params": parameters})
        while (said := await self.socket.receive_json(timeout=PATIENCE)).get("id") != number:
            pass
        if "error" in said:
            raise RuntimeError(f"{method}: {said['error']} {said.get('message', '')}")
        result: dict[str, Any] = said["result"]
        return result

    async def open(self, address: str) -> None:
        await self.do("session.new", capabilities={})
        self.context = (await self.do("browsingContext.getTree"))["contexts"][0]["context"]
        await self.do("browsingContext.navigate", context=self.context, url=address, wait="complete")

    async def evaluate(self, script: str) -> Any:
        said = await self.do("script.evaluate", expression=script, target={"context": self.context}, awaitPromise=True)
        if said["type"] == "exception":
            raise RuntimeError(said["exceptionDetails"]["text"])
        return said["result"].get("value")


@asynccontextmanager
async def firefox(profile: Path, **preferences: Any) -> AsyncIterator[Firefox]:
    """Firefox with a profile of its own."""
    lines = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in (PREFERENCES | preferences).items()]
    (profile / "user.js").write_text("\n".join(lines))
    program = shutil.which("firefox-esr") or shutil.which("firefox")
    if program is None:
        sys.exit("Firefox is missing: install the Debian package firefox-esr.")
    command = [program, "--headless", "--no-remote", "--profile", str(profile), "--remote-debugging-port", "0"]
    environment = os.environ | {"HOME": str(profile)}
    process = await asyncio.create_subprocess_exec(
        *command, env=environment, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.PIPE
    )
    try:
        address = await asyncio.wait_for(_listening(process), PATIENCE)
        async with ClientSession() as session, session.ws_connect(f"{address}/session") as socket:
            yield Firefox(socket)
    finally:
        process.terminate()
        await process.wait()


async def _listening(process: asyncio.subprocess.Process) -> str:
    assert process.stderr is not None  # noqa: S101  it is a pipe
    async for line in process.stderr:
        if b"WebDriver BiDi listening on " in line:
            return line.decode().strip().rpartition(" ")[2]
    sys.exit("Firefox ended before it listened.")


async def judge(site: str) -> int:
    """Print what the browser made of it; 1 unless its worker took what was sent."""
    with tempfile.TemporaryDirectory() as folder:
        async with push_service() as service, firefox(Path(folder), **{"dom.push.serverURL": f"ws://127.0.0.1:{service.port}/"}) as browser:
            await browser.open(f"{site}/authenticator/")
            given = json.loads(await browser.evaluate(SUBSCRIBE))
            kept = webpush.subscription(given)
            print(f"subscription   {'accepted' if kept else 'refused'} by the site: {sorted(given['keys'])}")
            if kept is None:
                return 1
            await asyncio.to_thread(webpush.send, PushDevice(subscription=kept), Challenge())
            code = await asyncio.wait_for(service.acknowledged.get(), PATIENCE)
            heard = await browser.evaluate("new Promise((done) => setTimeout(() => done(heard.join()), 500))")
            print(f"message        acknowledged with {code} ({DELIVERED}: delivered); the worker told the page: {heard}")
            return int((code, heard) != (DELIVERED, "look"))


if __name__ == "__main__":
    sys.exit(asyncio.run(judge(sys.argv[1])))
