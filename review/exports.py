"""Files that leave: listed with who took what and when, and signed, so that each can be recognised later.

What is signed is one line: `mfaadmin export 1`, a line feed, and the SHA-256 of the file in hexadecimal. The key is that of the seals.
"""

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction

from accounts.models import Account
from audit.catalogue import EventName
from audit.context import Where, circumstances, where
from audit.record import record
from audit.seals.keys import key_id, own_public_key, signing_key
from review.models import Export

CONTEXT = b"mfaadmin export 1\n"


@transaction.atomic
def begin(name: str, wanted: dict[str, Any], *, actor: Account) -> Export:
    """Note that somebody takes a file along, before the first of it leaves."""
    export = Export.objects.create(by=actor, name=name, wanted=wanted)
    record(EventName.EVENTS_EXPORTED, actor=actor, after={"export": str(export.pk), "file": name, "wanted": wanted})
    return export


def passing(export: Export, pieces: Iterable[str], *, header: int = 1) -> Iterator[bytes]:
    """The pieces of a file as they go out; its digest is kept once all of it has gone, which is after the view has returned."""
    return _passing(export, pieces, header, where())


def _passing(export: Export, pieces: Iterable[str], header: int, here: Where) -> Iterator[bytes]:
    digest, lines = hashlib.sha256(), 0
    for piece in pieces:
        data = piece.encode()
        digest.update(data)
        lines += data.count(b"\r\n")
        yield data
    with circumstances(here):
        finish(export, digest.hexdigest(), rows=max(0, lines - header))


@transaction.atomic
def finish(export: Export, digest: str, *, rows: int) -> None:
    """Keep and sign the digest of a file that is complete."""
    signature = signing_key().sign(CONTEXT + digest.encode()).hex()
    Export.objects.filter(pk=export.pk).update(digest=digest, rows=rows, key=key_id(own_public_key()), signature=signature)
    after = {"export": str(export.pk), "file": export.name, "digest": digest, "rows": rows}
    record(EventName.EXPORT_FINISHED, actor=export.by, after=after)
