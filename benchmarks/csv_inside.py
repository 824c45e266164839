"""The part of audit_csv.py that runs within the site."""

import resource
import time
from itertools import islice

from django.contrib.auth import get_user_model

from audit.seals import exporting
from audit.search import Wanted, matching_ids
from review import exports

FEW = 100_000


def inside() -> None:
    """A part first, then everything: what memory the second takes beyond the first is what grows with the number of rows."""
    print(f"{'rows':>12}{'seconds':>10}{'a second':>12}{'processor':>12}{'megabytes':>12}{'most memory, MB':>18}")
    _measured(FEW)
    _measured(None)


def _measured(most: int | None) -> None:
    users = get_user_model()
    auditor = users._default_manager.first() or users._default_manager.create(common_id="9999999999")
    began, spent, size = time.perf_counter(), time.process_time(), 0
    export = exports.begin("events.csv", {}, actor=auditor)  # type: ignore[arg-type]  # the site's own account
    for piece in exports.passing(export, exporting.table(islice(matching_ids(Wanted()), most))):
        size += len(piece)
    seconds, processor = time.perf_counter() - began, time.process_time() - spent
    export.refresh_from_db()
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"{export.rows:>12,}{seconds:>10.1f}{export.rows / seconds:>12,.0f}{processor:>12.1f}{size / 1e6:>12.0f}{memory:>18.0f}")
