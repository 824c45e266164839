"""`manage.py up`: run everything on this machine until Ctrl-C."""

import os
import sys
from contextlib import nullcontext, suppress
from io import TextIOWrapper
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandParser

from demo.runner.refusal import CannotStart
from demo.runner.run import Demo
from demo.runner.stopping import Stopping
from demo.runner.terminal import in_front


class Command(BaseCommand):
    """Exit code 0 when stopped, 1 with one sentence when it cannot start."""

    help = "Run web server, workers, beat and the embedded Valkey under one supervisor."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--with-parent", action="store_true", help="End when the process that started this one ends.")

    def handle(self, *args: Any, with_parent: bool, **options: Any) -> None:
        os.umask(0o077)  # logs and database are for their owner alone
        if isinstance(sys.stdout, TextIOWrapper):
            sys.stdout.reconfigure(errors="backslashreplace")  # a folder's name may not fit the terminal's encoding
        stopping = Stopping(with_parent=with_parent)
        demo = Demo(folder=settings.MFA_DATA_DIR.absolute(), port=settings.PORT, stopping=stopping, say=self._say)
        try:
            with in_front() if with_parent else nullcontext():
                demo.run()
        except CannotStart as refusal:
            raise SystemExit(str(refusal)) from None
        except OSError as error:  # the folder was taken away, the disk or the memory is full
            raise SystemExit(f"The demo cannot go on: {error}") from None

    def _say(self, sentence: str) -> None:
        with suppress(OSError):  # nobody reads any more: that is no reason to end
            self.stdout.write(sentence)
            self.stdout.flush()
