"""The programs that make up the site, besides Valkey."""

import sys

from demo.runner.child import Program


def web() -> Program:
    return Program("web", "web server", _python("gunicorn", "--config", "python:demo.runner.gunicorn_conf"))


def workers() -> list[Program]:
    """Nothing waits behind what hangs elsewhere: each outside service is spoken to by a worker of its own, in threads because it waits.

    And people who wait for a page come before propagation.
    """
    return [
        Program("worker", "Celery worker", _worker("default", "default", 2)),
        Program("worker-telephone", "Celery worker for texts and calls", _worker("telephone", "sms,call", 16, pool="threads")),
        Program("worker-push", "Celery worker for push messages", _worker("push", "push", 8, pool="threads")),
        Program("worker-mail", "Celery worker for mails", _worker("mail", "mail", 4, pool="threads")),
        Program("worker-propagation", "Celery worker for propagation", ["nice", "-n", "10", *_worker("propagation", "propagation", 2)]),
    ]


def beat() -> Program:
    """What asks for due work."""
    return Program("beat", "Celery beat", _celery("beat", "--pidfile", ""))


def _worker(name: str, queues: str, concurrency: int, pool: str = "prefork") -> list[str]:
    at_once = ("--pool", pool, "--concurrency", str(concurrency))
    return _celery("worker", "--hostname", f"{name}@%h", "--queues", queues, *at_once, "--without-mingle", "--without-gossip")


def _celery(*arguments: str) -> list[str]:
    return _python("celery", "--app", "mfaadmin", "--quiet", *arguments, "--loglevel", "INFO")


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]
