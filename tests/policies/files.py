"""The folder of a system that reads files: what its receiver does there, and time that passes for it."""

import csv
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.db.models import F

from policies.models import ConnectedSystem
from tests.policies.deliveries import wait

MOMENT = "%Y%m%dT%H%M%S.%fZ"


def receive(folder: Path, outcome: str) -> None:
    """The receiver answers whatever it has not answered yet."""
    for path in folder.glob("*.csv"):
        receipt = path.with_name(f"{path.name}.receipt")
        if not receipt.exists():
            keys = [row["key"] for row in csv.DictReader(path.read_text().splitlines())]
            receipt.write_text("\n".join(["key,outcome", *(f"{key},{outcome}" for key in keys)]))


def files_age(folder: Path, minutes: float) -> None:
    """Their moment is in their names."""
    for path in list(folder.glob("mfa-printers-*")):
        moment, _dash, rest = path.name.removeprefix("mfa-printers-").partition("-")
        earlier = datetime.strptime(moment, MOMENT).replace(tzinfo=UTC) - timedelta(minutes=minutes)
        path.rename(folder / f"mfa-printers-{earlier:{MOMENT}}-{rest}")


def minutes_pass(minutes: float, folder: Path | None = None) -> None:
    wait(minutes)
    if folder:
        files_age(folder, minutes)
    ConnectedSystem.objects.update(next_batch_at=F("next_batch_at") - timedelta(minutes=minutes))


def accounts_written(folder: Path) -> int:
    return sum(len(path.read_text().splitlines()) - 1 for path in folder.glob("*.csv"))
