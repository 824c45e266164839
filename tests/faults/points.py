"""The named points in the workers of the harness (`orders.py`), and the account that kills every worker that takes it in hand."""

import os
import signal
from collections.abc import Callable
from functools import wraps
from pathlib import Path

from policies import confirming, propagation
from policies.connectors import directory, graph_service, local, scim_service, states, webhook
from policies.connectors.base import Change
from policies.models import Delivery
from tests.faults.orders import around, note

POISON = Path(os.environ["FAULT_FOLDER"]) / "poison"


def poisonous(function: Callable[[Delivery], Change]) -> Callable[[Delivery], Change]:
    """The account named in the file is the death of every worker."""

    @wraps(function)
    def wrapped(row: Delivery) -> Change:
        change = function(row)
        if POISON.exists() and POISON.read_text() == change.account:
            note("poison", "dies")
            os.kill(os.getpid(), signal.SIGKILL)
        return change

    return wrapped


around(propagation, "claim", after="after-claim")
for module in (webhook, scim_service, graph_service):
    around(module, "ask", before="before-request", after="after-request")
around(states.SetStateConnector, "_write_and_read_back", before="before-writing")
around(directory.Directory, "modify", before="before-request", after="after-request")
around(local, "_set", before="before-request", after="after-request")
around(confirming, "settle_all", after="before-commit")
propagation._change = poisonous(propagation._change)  # type: ignore[assignment]
