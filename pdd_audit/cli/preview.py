"""``preview``: the first rows of a file nobody recognises, and a mapping of its columns as YAML to finish by hand."""

import argparse
import sys
from pathlib import Path

from pdd_audit.cli.import_files import uploads
from pdd_audit.cli.options import Commands, add_usual
from pdd_audit.cli.passwords import add_password, with_password
from pdd_audit.cli.talk import say
from pdd_audit.core.errors import AuditError, Place
from pdd_audit.core.mapping import LAST_HEADER_ROW, MAPPED_KINDS
from pdd_audit.texts import Words

SHOWN = 8


def add(commands: Commands) -> None:
    look = commands.add_parser("preview", help="first rows of a file that is not recognised, and a mapping of its columns to edit")
    add_usual(look)
    look.add_argument("file", type=Path, metavar="FILE")
    look.add_argument("--write-mapping", type=Path, metavar="OUT.yaml", help="write the mapping here; a file that exists stays as it is")
    look.add_argument("--kind", choices=MAPPED_KINDS, help="what the rows are; without it the likeliest")
    look.add_argument("--sheet", metavar="NAME", help="sheet of a workbook; without it the likeliest")
    look.add_argument("--header-row", type=_row, metavar="N", help="row of the headers as a spreadsheet counts; 0 if there are none")
    add_password(look)
    look.set_defaults(run=run)


def _row(text: str) -> int:
    if not text.isdecimal() or int(text) > LAST_HEADER_ROW:
        raise argparse.ArgumentTypeError(f'"{text}" is no row; needed 0 to {LAST_HEADER_ROW}')
    return int(text)


def kind_name(kind: str, words: Words) -> str:
    return words(f"mapping.kinds.{kind}") if words.has(f"mapping.kinds.{kind}") else words(f"kinds.{kind}.name")


def run(options: argparse.Namespace) -> int:
    from pdd_audit.services.map_columns import Choice, first_look, mapping_yaml, wanted

    words, out = Words(options.lang), options.write_mapping
    upload = with_password(uploads([options.file], None), options.password_file)[0]
    preview = first_look(upload, Choice(options.sheet, options.header_row))
    mapping = preview.proposed(options.kind)
    about = [words("cli.preview.about", file=upload.name, kind=kind_name(mapping.kind, words)), words("cli.preview.hidden")]
    if len(preview.sheets) > 1:
        about.append(words("cli.preview.sheets", sheets=words("cli.joiner").join(preview.sheets)))
    rows = [f"{number}: {' | '.join(cells)}" for number, cells in preview.rows[: SHOWN + max(preview.header_row, 1)]]
    text = mapping_yaml(preview, wanted(mapping.kind), mapping, [*about, words("cli.preview.rows"), *rows])
    sys.stdout.write(text)
    if out is not None:
        try:
            with out.open("x", encoding="utf-8") as file:
                file.write(text)
        except OSError as error:
            raise AuditError("mapping_not_written", Place(file=out.name), found=error.strerror or "") from error
    say(words("cli.preview.next", mapping=out.name if out is not None else "OUT.yaml", file=upload.name))
    return 0
