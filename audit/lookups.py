"""How a column is asked for."""

from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Lookup
from django.db.models.sql.compiler import SQLCompiler


class OneValue(Lookup[str]):
    """That a column has a value, asked so that PostgreSQL goes along the index of this column.

    Where it knows that a column has one value it may as well walk along the ids from the newest event on, in the hope that a common value comes
    soon; 100,000 events of another kind in a row, as an import makes, would all be read. Of an array it does not know how many values it has.
    """

    prepare_rhs = False

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, tuple[str | int, ...]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = %s", (*params, self.rhs)

    def as_postgresql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::{self.lhs.output_field.db_type(connection)}[])", [*params, [self.rhs]]
