"""What is done before the site opens: tables, static files, demo accounts."""

from collections.abc import Callable
from io import StringIO

from django.core.management import CommandError, call_command
from django.db import DatabaseError, connections
from django.db.migrations.exceptions import InconsistentMigrationHistory

from demo.runner.preflight import database_problem
from demo.runner.refusal import CannotStart
from demo.world import load

STEPS: list[tuple[str, Callable[[], object]]] = [
    ("Checking the settings", lambda: call_command("check", stdout=StringIO(), stderr=StringIO())),
    ("Preparing the database", lambda: call_command("migrate", interactive=False, verbosity=0)),
    ("Collecting static files", lambda: call_command("collectstatic", interactive=False, verbosity=0)),
    ("Loading accounts and sample systems", load),
]


def prepare(say: Callable[[str], None], is_stopping: Callable[[], bool]) -> None:
    """All steps in order, unless asked to stop in between; CannotStart when one fails."""
    try:
        for sentence, step in STEPS:
            if not is_stopping():
                say(sentence)
                step()
    except (DatabaseError, InconsistentMigrationHistory) as error:
        raise CannotStart(database_problem(error)) from None
    except (CommandError, OSError) as error:
        raise CannotStart(f"{sentence} failed: {error}") from None
    finally:
        connections.close_all()
