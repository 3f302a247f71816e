"""Rows of the ledger with the export time that somebody has stated for their file; what is stored stays as it is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import ibis
import ibis.expr.types as ir

from pdd_audit.data.relations.engines import Engine


@dataclass(frozen=True)
class Restated:
    """An engine whose rows carry the stated times. ``stated``: import_id -> export time."""

    engine: Engine
    stated: Mapping[str, datetime]

    def rows(self, files: Sequence[Path]) -> ir.Table:
        found = self.engine.rows(files)
        moment = found.snapshot_at
        for import_id in sorted({file.parent.name.partition("=")[2] for file in files} & self.stated.keys()):
            moment = ibis.ifelse(found.import_id == import_id, ibis.literal(self.stated[import_id]).cast("timestamp"), moment)
        return found.mutate(snapshot_at=moment)

    def kept(self, folder: Path | None, name: str, expression: ir.Table) -> ir.Table:
        return self.engine.kept(folder, name, expression)
