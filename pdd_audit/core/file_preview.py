"""The first rows of a file nobody recognises, as a person who maps its columns sees them. Nothing personal is in it."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from pdd_audit.core.mapping import MappedKind, Mapping

MOST_COLUMNS = 200
SHOWN_ROWS = 20
Confidence = Literal["sure", "likely", "guess"]
Text = Annotated[str, StringConstraints(max_length=100)]


class ProposedColumn(BaseModel):
    """``column`` of ours, and the name of the file's column that seems to feed it."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    column: Text
    header: Text
    confidence: Confidence


class FilePreview(BaseModel):
    """``names``: of the columns, as a mapping points at them; ``hidden``: whether a column's cells are covered because people stand in
    them. ``rows``: (row as Excel counts, cells) from the top, titles and header included. ``header_row``: 0 if there is none.
    ``words``: column -> its few different texts. ``fingerprint``: of the headers; None without a header, since nothing would tell two
    such files apart. ``more_columns``: how many are not shown.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    sheets: list[Text] = Field(max_length=50)
    sheet: Text | None
    delimiter: Literal["comma", "tab", "semicolon", "pipe"] | None
    header_row: int = Field(ge=0)
    names: list[Text] = Field(max_length=MOST_COLUMNS)
    hidden: list[bool] = Field(max_length=MOST_COLUMNS)
    rows: list[tuple[int, list[Text]]] = Field(max_length=SHOWN_ROWS + 20)
    kind: MappedKind
    proposals: dict[MappedKind, list[ProposedColumn]]
    words: dict[Text, list[Text]]
    fingerprint: str | None = Field(pattern=r"^[0-9a-f]{64}$")
    more_columns: int = 0

    def proposed(self, kind: MappedKind | None = None) -> Mapping:
        """The proposal of a kind as a mapping; it may still lack what is required."""
        wanted = kind or self.kind
        columns = {one.column: one.header for one in self.proposals[wanted]}
        return Mapping.model_construct(None, kind=wanted, columns=columns, **self.place())

    def place(self) -> dict[str, Any]:
        """Where the table stands, as a mapping says it: only what the file leaves open."""
        return {
            "header_row": self.header_row,
            "sheet": self.sheet if len(self.sheets) > 1 else None,
            "delimiter": self.delimiter if self.delimiter != "comma" else None,
        }
