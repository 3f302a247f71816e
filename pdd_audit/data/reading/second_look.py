"""A second look at the cells of a file, for what only some files call for: a header that repeats, a second table, other shops' rows.

Each look walks the file once more, so an ordinary file gets none of them.
"""

# ruff: noqa: S608 - statements are made of column positions and our own YAML only; no text of a file ever becomes part of one

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import duckdb

from pdd_audit.core.errors import BETWEEN, AuditError, Place
from pdd_audit.data.reading.canonical.cells import contains_any, thorough
from pdd_audit.data.reading.recognise import Recognised, header_score, letter, other_layout
from pdd_audit.data.reading.sources import fold, other_platforms
from pdd_audit.data.reading.tables import Table

_LOOKED_AT = 10_000  # rows that may be a header; a second table shows its own among the first
_SHOPS_SHOWN = 8
# Rows left out for these reasons are no header.
NO_HEADER = ("blank", "footer", "other_platform", "other_shop", "bad_time", "future_time")


@dataclass(frozen=True)
class SecondLook:
    """``relation``: the file's cells as text. The view ``staged`` holds its rows as they are stored, with ``rid`` and ``line``."""

    connection: duckdb.DuckDBPyConnection
    relation: str
    table: Table
    found: Recognised

    def _joined(self, cells: str, where: str) -> str:
        """Cells beside the staged row they became."""
        cells = f"SELECT {cells}, row_number() OVER () - 1 AS rid FROM {self.relation}"
        return f"FROM (SELECT rid, line, trouble FROM staged) AS s JOIN ({cells}) AS raw USING (rid) WHERE {where}"

    def refuse_second_table(self) -> None:
        """The header of the same columns in the middle is a row less; another header means that all below it is misread.

        Raises other_layout.
        """
        names = list(self.found.columns)
        cells = ", ".join(_cell(self.table.columns[name]) for name in names)
        maybe = " AND ".join(["starts_with(trouble, '!')", *(f"NOT contains(trouble, '!{reason}')" for reason in NO_HEADER)])
        shown = ", ".join(f"left({_cell(self.table.columns[name])}, 60)" for name in names)
        sql = f"SELECT line, {shown} {self._joined(cells, maybe)} ORDER BY rid LIMIT {_LOOKED_AT}"
        for line, *row in self.connection.execute(sql).fetchall():
            texts = [text or "" for text in row]
            if header_score(texts) >= 2 and not all(self._same(name, text) for name, text in zip(names, texts, strict=True)):
                raise other_layout(texts, line)

    def _same(self, name: str, text: str) -> bool:
        if self.found.header_rows[0] < self.found.header_rows[1]:  # one row of several holds a part of the name
            return fold(self.found.header(name)).endswith(fold(text))
        return fold(text) in self.found.source.columns[name]

    def refuse_different_twins(self) -> None:
        """Two columns of one header must say the same in every row that is kept. Raises different_twins (first row where they do not)."""
        for (name, _, _), (_, one, other) in zip(self.found.repeated, self.table.twins, strict=True):
            where = (
                f"(trouble IS NULL OR NOT starts_with(trouble, '!')) "
                f"AND coalesce({thorough(_cell(one))}, '') <> coalesce({thorough(_cell(other))}, '')"
            )
            rows = self._joined(f"{_cell(one)}, {_cell(other)}", where)
            row = self.connection.execute(f"SELECT min(line) {rows}").fetchone()
            if row is not None and row[0] is not None:
                raise AuditError("different_twins", Place(row=row[0], column=self.found.header(name)), found=self.letters(name))

    def letters(self, name: str) -> str:
        """Excel's letters of the columns that share a header."""
        places = [at for twin, first, further in self.found.repeated if twin == name for at in (first, further)]
        return BETWEEN.join(letter(at) for at in dict.fromkeys(places))

    def mixed_dates(self, names: Sequence[str]) -> Iterator[tuple[str, int, int, int]]:
        """(column, dates with hyphens, dates with slashes, first row of the rarer ones) of each column that has both."""
        told = []
        for name in names:
            for sign in ("-", "/"):
                written = f"regexp_matches({_cell(self.table.columns[name])}, '^\\W*20[0-9]{{2}}{sign}[0-9]')"
                told += [f"count(*) FILTER ({written})", f"min(line) FILTER ({written})"]
        cells = ", ".join(_cell(self.table.columns[name]) for name in names)
        rows = self._joined(cells, "trouble IS NULL OR NOT starts_with(trouble, '!')")
        found = self.connection.execute(f"SELECT {', '.join(told)} {rows}").fetchone() or ()
        for at, name in enumerate(names):
            hyphens, hyphen_row, slashes, slash_row = found[4 * at : 4 * at + 4]
            if hyphens and slashes:
                yield name, hyphens, slashes, slash_row if slashes <= hyphens else hyphen_row

    def leave_out_others(self, shop: str | None) -> None:
        """Marks rows of other platforms and of other shops in ``staged``.

        A source with ``only_platform`` keeps the rows whose platform cell is blank or holds one of its texts; without it, rows that
        name a platform of ``couriers.yaml`` are another's. Raises several_shops unless one of them is ``shop``.
        """
        at = self.table.columns
        platform = self._other_platform(_cell(at["platform"])) if "platform" in at else "FALSE"
        named = f"left(coalesce({thorough(_cell(at['shop']))}, ''), 60)" if "shop" in at else "''"
        cells = ", ".join(dict.fromkeys(_cell(at[name]) for name in ("platform", "shop") if name in at))
        rows = self._joined(cells, "trouble IS NULL OR NOT regexp_matches(trouble, '^!(blank|footer|repeated_header)')")
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE owners AS SELECT s.rid, {platform} AS foreign_row, {named} AS owner {rows}")
        own = self._own_shop(shop)
        left_out = "CASE WHEN foreign_row THEN '!other_platform' WHEN owner NOT IN ('', coalesce(?, owner)) THEN '!other_shop' END"
        self.connection.execute(f"CREATE OR REPLACE TEMP TABLE others AS SELECT rid, {left_out} AS reason FROM owners", [own])
        self.connection.execute("DELETE FROM others WHERE reason IS NULL")
        self.connection.execute(
            "CREATE OR REPLACE TEMP VIEW staged AS "
            "SELECT a.* REPLACE (coalesce(o.reason, a.trouble) AS trouble) FROM staged_rows AS a LEFT JOIN others AS o USING (rid)"
        )

    def _other_platform(self, cell: str) -> str:
        ours = self.found.source.extra.get("only_platform")
        if ours:
            return f"(coalesce({thorough(cell)}, '') <> '' AND NOT {contains_any(f'lower({cell})', [text.lower() for text in ours])})"
        return f"coalesce({contains_any(cell, other_platforms())} AND NOT contains({cell}, '拼多多'), FALSE)"

    def _own_shop(self, shop: str | None) -> str | None:
        sql = "SELECT owner FROM owners WHERE NOT foreign_row AND owner <> '' GROUP BY owner ORDER BY count(*) DESC, owner"
        shops = [owner for (owner,) in self.connection.execute(sql).fetchall()]
        if len(shops) < 2:
            return None
        own: str | None = next((one for one in shops if shop and fold(one) == fold(shop)), None)
        if own is None:
            shown = BETWEEN.join(shops[:_SHOPS_SHOWN]) + (f" … ({len(shops)})" if len(shops) > _SHOPS_SHOWN else "")
            raise AuditError("several_shops", Place(column=self.found.header("shop")), found=shown[:200])
        return own


def _cell(at: int) -> str:
    return f"c{at:04d}"


__all__ = ["NO_HEADER", "SecondLook"]
