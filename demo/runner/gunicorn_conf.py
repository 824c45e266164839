"""Gunicorn's own settings for the demo."""

import os
from typing import Any

from demo.runner.leash import end_with
from demo.runner.preflight import HOST

wsgi_app = "mfaadmin.wsgi:application"
bind = f"{HOST}:{os.environ.get('PORT', '8000')}"
worker_class = "gthread"
workers = 2
threads = 8
preload_app = True
timeout = 60
graceful_timeout = 10
control_socket_disable = True


def post_fork(server: Any, worker: Any) -> None:
    """The processes that answer requests end with the one that started them."""
    end_with(server.pid)
