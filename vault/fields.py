"""A model column that holds a sealed secret, bound to its row, column and account."""

from typing import Any

from django.db import models

from vault.keyring import keyring


class SealedField(models.TextField[str, str]):
    """Holds a token of the keyring; `row_key` names the column that tells rows apart, `owner` that of the account."""

    def __init__(self, *args: Any, row_key: str = "pk", owner: str | None = None, **kwargs: Any) -> None:
        self.row_key = row_key
        self.owner = owner
        kwargs.setdefault("editable", False)
        super().__init__(*args, **kwargs)

    def deconstruct(self) -> Any:
        name, path, args, kwargs = super().deconstruct()
        return name, path, args, kwargs | {"row_key": self.row_key, "owner": self.owner}

    def place(self, row: models.Model) -> str:
        """Where a secret of `row` belongs: table, column, row and account (R-190)."""
        owner = getattr(row, self.owner) if self.owner else ""
        return f"{row._meta.label_lower}/{self.name}/{getattr(row, self.row_key)}/{owner}"


def _field(row: models.Model, column: str) -> SealedField:
    field = row._meta.get_field(column)
    if not isinstance(field, SealedField) or getattr(row, field.row_key) is None:
        raise TypeError(f"{row._meta.label}.{column} cannot hold a sealed secret yet")
    return field


def seal(row: models.Model, column: str, secret: bytes) -> None:
    """Put `secret` into `row.column`, encrypted; the row must have its key."""
    setattr(row, column, keyring().seal(secret, place=_field(row, column).place(row)))


def unseal(row: models.Model, column: str) -> bytes:
    """The secret in `row.column`; CannotOpen when it was sealed for another row or altered."""
    return keyring().open(getattr(row, column), place=_field(row, column).place(row))
