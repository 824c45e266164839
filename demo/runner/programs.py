"""The programs that make up the site, besides Valkey."""

import sys

from demo.runner.child import Program


def web() -> Program:
    return Program("web", "web server", _python("gunicorn", "--config", "python:demo.runner.gunicorn_conf"))


def workers() -> list[Program]:
    """Two, so that propagation never waits behind messages; and people who wait for a page come before both."""
    return [
        Program("worker", "Celery worker for messages", _worker("messages", "default,messages")),
        Program("worker-propagation", "Celery worker for propagation", ["nice", "-n", "10", *_worker("propagation", "propagation")]),
    ]


def beat() -> Program:
    """Its schedule stays in memory: a file torn by a kill would keep it from starting."""
    return Program("beat", "Celery beat", _celery("beat", "--scheduler", "celery.beat:Scheduler", "--pidfile", ""))


def _worker(name: str, queues: str) -> list[str]:
    return _celery("worker", "--hostname", f"{name}@%h", "--queues", queues, "--concurrency", "2", "--without-mingle", "--without-gossip")


def _celery(*arguments: str) -> list[str]:
    return _python("celery", "--app", "mfaadmin", "--quiet", *arguments, "--loglevel", "INFO")


def _python(module: str, *arguments: str) -> list[str]:
    return [sys.executable, "-m", module, *arguments]
