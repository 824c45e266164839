"""A copy of the database in the hands of somebody who lifts every trigger, and what the command says of it."""

# ruff: noqa: S608  statements by hand are what this is about

import os
import random
from io import StringIO
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.core.management import call_command
from django.db import connection

from audit.catalogue import EventName
from audit.models import Seal
from audit.record import record
from audit.seals import keys, rows, tree
from audit.seals.heads import BEFORE_THE_FIRST, Head, current_key
from audit.seals.sealing import newest, unpacked
from tests.harness.append_only import triggers_lifted

BATCHES = (7, 5, 9, 4)
SEED = int(os.environ.get("TAMPER_SEED", random.SystemRandom().randrange(2**32)))
COLUMNS = {  # what no event has that they are used on: else nothing would be altered
    "account_id": "77",
    "account_label": "'9999999999'",
    "actor_id": "77",
    "actor_kind": "'staff'",
    "actor_label": "'x'",
    "address": "'192.0.2.99'",
    "after": "'{}'",
    "at": "'2020-01-01 00:00:00+00'",
    "attempt": "'x'",
    "before": """'{"name": "other"}'""",
    "browser": "'x'",
    "name": "'role:granted'",
    "reason": "'x'",
    "request_id": "'x'",
    "session": "'x'",
    "uid": "'12345678123456781234567812345678'",
    "verified_with": "'totp'",
}


def recorded(count: int) -> None:
    for number in range(count):
        record(EventName.METHOD_RENAMED, before={"name": f"old {number}"}, after={"name": f"new {number}"})


def by_hand(*statements: str) -> None:
    with triggers_lifted(connection), connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def verified(*paths: Path, processes: int = 1, everything: bool = False) -> tuple[int, str]:
    """Exit code and words of the command."""
    out, options = StringIO(), [f"--heads={path}" for path in paths] + (["--all"] if everything else [])
    try:
        call_command("audit_verify", f"--processes={processes}", *options, stdout=out, stderr=StringIO())
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    return 0, out.getvalue()


def names(said: tuple[int, str], kind: str, number: int) -> bool:
    """Whether the first bad row is event `number`, bad in this way."""
    line = next((line for line in said[1].splitlines() if line.startswith("First bad row: ")), "")
    return said[0] == 1 and line.startswith(f"First bad row: {kind}: ") and f" number {number} " in line + " "


def sealed_anew(first: int, key: Ed25519PrivateKey | None = None, name: str = "") -> None:
    """What somebody does who alters events and makes the chain fit again from a seal on: with the site's key, or with his own."""
    with triggers_lifted(connection):
        previous = Seal.objects.filter(number=first - 1).first()
        digest = previous.head.digest() if previous else BEFORE_THE_FIRST
        for one in Seal.objects.filter(number__gte=first).order_by("number"):
            forms = dict(rows.chosen(unpacked(one.event_ids)))
            leaves = [tree.leaf(forms[number]) for number in unpacked(one.event_ids)]
            one.leaves, one.root, one.previous = b"".join(leaves), tree.root(leaves).hex(), digest
            one.key = name or current_key()
            statement = one.head.statement
            one.signature = (key or keys.signing_key()).sign(statement.signed_bytes()).hex()
            one.save(force_update=True)
            digest = Head(statement, one.signature).digest()


def newest_head() -> Head:
    seal = newest()
    assert seal
    return seal.head


def another_id(old: int, new: int) -> str:
    return f"UPDATE audit_event SET id = {new} WHERE id = {old}"
