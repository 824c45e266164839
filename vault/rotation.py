"""Re-sealing every secret with the current key, in small steps that can be stopped at any moment (R-192)."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.apps import apps
from django.db import models

from vault.fields import SealedField
from vault.keyring import CannotOpen, keyring

BATCH = 500


@dataclass(frozen=True)
class Column:
    """One sealed column of one model."""

    model: type[models.Model]
    field: SealedField

    def stale(self) -> "models.QuerySet[models.Model]":
        """Rows whose secret is not under the current key."""
        rows = self.model._base_manager.exclude(**{f"{self.field.name}__startswith": keyring().current_prefix})
        return rows.exclude(**{self.field.name: ""})


@dataclass
class Step:
    """What one batch did."""

    resealed: int = 0
    unreadable: int = 0


def sealed_columns() -> list[Column]:
    """Every sealed column of the installed models."""
    return [Column(m, f) for m in apps.get_models() for f in m._meta.concrete_fields if isinstance(f, SealedField)]


def stale_count() -> int:
    """How many secrets are not yet under the current key."""
    return sum(column.stale().count() for column in sealed_columns())


def rotate() -> Iterator[Step]:
    """Re-seal batch by batch; each row by a conditional update, so a secret changed meanwhile is left as it is."""
    for column in sealed_columns():
        last = None
        while batch := list(_after(column, last)[:BATCH]):
            yield _reseal(column, batch)
            last = batch[-1].pk


def _after(column: Column, last: object) -> "models.QuerySet[models.Model]":
    rows = column.stale().order_by("pk")
    return rows if last is None else rows.filter(pk__gt=last)


def _reseal(column: Column, batch: list[models.Model]) -> Step:
    step, name, ring = Step(), column.field.name, keyring()
    for row in batch:
        old, place = getattr(row, name), column.field.place(row)
        try:
            new = ring.seal(ring.open(old, place=place), place=place)
        except CannotOpen:
            step.unreadable += 1
            continue
        step.resealed += column.model._base_manager.filter(pk=row.pk, **{name: old}).update(**{name: new})
    return step
