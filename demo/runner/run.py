"""The whole run: check, start in order, watch, end in reverse order."""

import http.client
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path

from django.conf import settings

from demo.runner import programs, valkey
from demo.runner.child import Child, Program, this_environment
from demo.runner.guard import Guard
from demo.runner.preflight import HOST, broker_answers, database_is_sound, only_one, port_is_free
from demo.runner.prepare import prepare
from demo.runner.refusal import CannotStart
from demo.runner.stopping import Stopping
from demo.runner.supervisor import Supervisor
from demo.runner.welcome import welcome

VALKEY_SECONDS = 20
WEB_SECONDS = 60


class Demo:
    """One run with one data folder and one port."""

    def __init__(self, *, folder: Path, port: int, stopping: Stopping, say: Callable[[str], None]) -> None:
        self.folder, self.port, self.stopping, self.say = folder, port, stopping, say
        self.supervisor = Supervisor(stopping, say)
        self.environment = this_environment(DJANGO_SETTINGS_MODULE=settings.SETTINGS_MODULE, PORT=str(port), MFA_DATA_DIR=str(folder))
        self.guard = Guard()

    def run(self) -> None:
        """Returns when everything has been ended; CannotStart when it did not come up."""
        with ExitStack() as stack:
            stack.enter_context(only_one(self.folder))
            port_is_free(self.port)
            database_is_sound()
            stack.callback(self.supervisor.end)
            if settings.REDIS_URL:
                broker_answers(settings.REDIS_URL)
            else:
                self._start_valkey(valkey.place(self.folder))
            prepare(self.say, lambda: self.stopping.is_asked)
            self._open()
            self.supervisor.watch()
            self.say("Stopping.")

    def _start_valkey(self, place: valkey.Place) -> None:
        self.environment.update(place.variable)
        data = self.folder / "valkey"
        server = self._start(valkey.program(data, place))
        try:
            self.supervisor.wait_for(server, lambda: valkey.answers(place), VALKEY_SECONDS, tries=1)
        except CannotStart:
            if not valkey.set_aside(data):
                raise
            self.say(f"The file of the {server.program.title} is damaged; it is set aside in {data}.damaged and a new one is begun.")
            self.supervisor.wait_for(server, lambda: valkey.answers(place), VALKEY_SECONDS)

    def _open(self) -> None:
        if self.stopping.is_asked:
            return
        self.say("Starting the site")
        web = self._start(programs.web())
        for program in (*programs.workers(), programs.beat()):
            self._start(program)
        self.supervisor.wait_for(web, self._answers, WEB_SECONDS)
        if not self.stopping.is_asked:
            self.say(welcome(self.folder))

    def _start(self, program: Program) -> Child:
        child = Child(program, logs=self.folder / "log", folder=settings.BASE_DIR, environment=self.environment, guard=self.guard)
        self.supervisor.start(child)
        return child

    def _answers(self) -> bool:
        try:
            connection = http.client.HTTPConnection(HOST, self.port, timeout=5)
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.HTTPStatus.OK
        except (OSError, http.client.HTTPException):
            return False
