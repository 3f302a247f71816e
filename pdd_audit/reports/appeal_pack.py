"""The file of an appeal: letter as PDF and Word, evidence, sheets, and an index. Equal inputs give equal bytes."""

import csv
import hashlib
import io
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from pdd_audit.core.incidents.appeal_claims import OrderFacts
from pdd_audit.core.incidents.appeal_dossier import Dossier
from pdd_audit.core.spreadsheet import safe_cell
from pdd_audit.reports.appeal_letter import Letter, safe, stamp_text
from pdd_audit.reports.typeset import typeset
from pdd_audit.texts import Lang

TEMPLATE = "appeal_letter"
EPOCH = (1980, 1, 1, 0, 0, 0)  # of every file in the pack: the hour at which it was packed is no fact
PDF, DOCX, ORDERS, FACTS, INDEX = "letter.pdf", "letter.docx", "orders.csv", "facts.csv", "index.csv"


def letter_pdf(dossier: Dossier, lang: Lang) -> bytes:
    """Raises AuditError report_too_large or report_failed."""
    return typeset(TEMPLATE, Letter(dossier, lang).values(), made_at=dossier.made_at)


def letter_docx(dossier: Dossier, lang: Lang) -> bytes:
    """The same letter for Word; values are escaped, none of them is run."""
    from docxtpl import DocxTemplate  # takes half a second to load, and few people need it

    document = DocxTemplate(io.BytesIO(_template()))
    document.render(Letter(dossier, lang).values(), jinja_env=Environment(autoescape=True, undefined=StrictUndefined), autoescape=True)
    made = io.BytesIO()
    document.save(made)
    with zipfile.ZipFile(made) as parts:
        return zipped([(name, parts.read(name)) for name in parts.namelist()])


@cache
def _template() -> bytes:
    return (files("pdd_audit.reports") / "templates" / f"{TEMPLATE}.docx").read_bytes()


def appeal_pack(dossier: Dossier, evidence: Mapping[str, bytes], lang: Lang) -> bytes:
    """``evidence``: SHA-256 -> bytes of every piece of the dossier. Raises AuditError when the PDF cannot be made."""
    letter = Letter(dossier, lang)
    parts = [
        (PDF, letter.w("index.letter_pdf"), "", letter_pdf(dossier, lang)),
        (DOCX, letter.w("index.letter_docx"), "", letter_docx(dossier, lang)),
        (ORDERS, letter.w("index.orders"), "", table(*orders_sheet(letter))),
        (FACTS, letter.w("index.facts"), "", table(*facts_sheet(letter))),
    ]
    for file in dossier.evidence:
        described = letter.evidence(file)
        parts.append((
            f"evidence/{file.name}", f"{file.number}. {described['evidence']}", described["dated"], evidence[file.added.attachment.sha256]
        ))
    heads = [letter.w(f"column.{name}") for name in ("file", "content", "dated")]
    rows = [(name, what, dated, str(len(data)), hashlib.sha256(data).hexdigest()) for name, what, dated, data in parts]
    index = table([*heads, "bytes", "SHA-256"], rows)
    return zipped([(INDEX, index), *((name, data) for name, _, _, data in parts)])


def orders_sheet(letter: Letter) -> tuple[list[str], list[tuple[str, ...]]]:
    """One row an order, as the backend's sheet asks for them."""
    heads = [letter.w(f"column.{name}") for name in ("order", "courier", "waybill", "penalty", "yuan", "uploaded", "limit", "scan")]
    rows: list[tuple[str, ...]] = []
    for facts in letter.dossier.orders:
        kinds = letter.words("app.comma").join(dict.fromkeys(letter.penalty(one.kind) for one in facts.penalties))
        rows.append((
            facts.order_no, safe(facts.courier), safe(facts.waybill), kinds or "—", "—" if facts.yuan is None else f"{facts.yuan:.2f}",
            stamp_text(facts.uploaded.at if facts.uploaded else None), stamp_text(facts.due),
            stamp_text(facts.own_scans[-1].at if facts.own_scans else None),
        ))
    return heads, rows


def facts_sheet(letter: Letter) -> tuple[list[str], list[tuple[str, ...]]]:
    """Every time and amount, with the file and row it stands in."""
    heads = [letter.w(f"column.{name}") for name in ("order", "what", "when", "yuan", "where")]
    rows = [row for facts in letter.dossier.orders for row in _facts(letter, facts)]
    return heads, rows


def _facts(letter: Letter, facts: OrderFacts) -> Iterable[tuple[str, ...]]:
    for event in letter.events(facts):
        yield facts.order_no, event.what, stamp_text(event.at), "", event.where
    for one in facts.penalties:
        yuan = "—" if one.yuan is None else f"{one.yuan:.2f}"
        yield facts.order_no, letter.penalty(one.kind), stamp_text(one.at), yuan, letter.where(one.place)


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> bytes:
    """CSV with BOM; every cell quoted, none starting a formula, long numbers kept as text."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, quoting=csv.QUOTE_ALL)
    writer.writerow(heads)
    writer.writerows([safe_cell(cell) for cell in row] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def zipped(parts: Iterable[tuple[str, bytes]]) -> bytes:
    """A ZIP without a clock in it."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as pack:
        for name, data in parts:
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o600 << 16
            pack.writestr(entry, data)
    return made.getvalue()
