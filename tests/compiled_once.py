"""The SQL of an expression, written once for all tests that ask the same: of counting a few rows, writing it takes longer than the rest.

Equal expressions have the same SQL, whatever lies in the files. So that they can be equal, the tables of an expression are numbered in it,
and the SQL gets their own names afterwards.
"""

from collections import OrderedDict
from typing import Any

import ibis.expr.operations as ops
import ibis.expr.types as ir
from ibis.backends.duckdb import Backend

KEPT = 300  # an expression holds some thousand objects
write_sql = Backend.compile


class CompiledOnce:
    """``compile`` stands in for the backend's."""

    def __init__(self) -> None:
        self.kept: OrderedDict[object, str] = OrderedDict()

    def compile(self, backend: Backend, expression: ir.Expr, /, **how: Any) -> str:
        names = {table: f"table_of_test_{place}_" for place, table in enumerate(expression.op().find(ops.DatabaseTable))}
        numbered = expression.op().replace({table: table.copy(name=name) for table, name in names.items()})
        asked = (numbered, *sorted(how.items(), key=lambda one: one[0]))
        if asked not in self.kept:
            self.kept[asked] = write_sql(backend, numbered.to_expr(), **how)
            if len(self.kept) > KEPT:
                self.kept.popitem(last=False)
        self.kept.move_to_end(asked)
        sql = self.kept[asked]
        for table, name in names.items():
            sql = sql.replace(f'"{name}"', f'"{table.name}"')
        return sql
