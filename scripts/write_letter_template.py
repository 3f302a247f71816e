"""Write the Word template of the appeal letter: ``python -m scripts.write_letter_template`` from the project's root.

The tags in it are docxtpl's: ``{{ value }}`` shows, ``{%tr for ... %}`` repeats a table's row. What is filled in is escaped by the
renderer.
"""

from collections.abc import Sequence
from pathlib import Path

from docx import Document
from docx.document import Document as Paper
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor

TARGET = Path(__file__).resolve().parent.parent / "pdd_audit" / "reports" / "templates" / "appeal_letter.docx"
GREY = RGBColor(0x5B, 0x6B, 0x75)
LATIN, CHINESE = "Arial", "Microsoft YaHei"


def main() -> None:
    paper = Document()
    page = paper.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(16)
    page.top_margin = page.bottom_margin = Mm(15)
    plain = paper.styles["Normal"]
    plain.font.name, plain.font.size = LATIN, Pt(10)
    plain.element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), CHINESE)
    plain.paragraph_format.space_after = Pt(4)
    paper.core_properties.author = paper.core_properties.last_modified_by = "pdd-audit"
    page.footer.paragraphs[0].text = "{{ foot }}"
    line(paper, "{{ title }}", size=17, bold=True)
    line(paper, "{{ intro }}")
    section(paper, "order")
    table(paper, "row in penalties", [
        ("order", "row.order"), ("waybill", "row.waybill"), ("courier", "row.courier"), ("penalty", "row.penalty"), ("yuan", "row.yuan"),
        ("booked", "row.booked"), ("where", "row.where"),
    ])
    section(paper, "request")
    line(paper, "{{ request }}", bold=True)
    section(paper, "timeline")
    line(paper, "{%p for said in conclusion %}")
    line(paper, "{{ said }}")
    line(paper, "{%p endfor %}")
    line(paper, "{%p for course in courses %}")
    line(paper, "{{ course.order }}  {{ course.waybill }}", bold=True)
    table(paper, "event in course.events", [("what", "event.what"), ("when", "event.when"), ("where", "event.where")])
    line(paper, "{%p endfor %}")
    line(paper, "{%p if batch %}")
    table(paper, "row in batch", [
        ("order", "row.order"), ("waybill", "row.waybill"), ("uploaded", "row.uploaded"), ("limit", "row.limit"), ("scan", "row.scan"),
    ])
    line(paper, "{%p endif %}")
    line(paper, "{%p if more %}")
    line(paper, "{{ more }}")
    line(paper, "{%p endif %}")
    line(paper, "{{ facts_in }}", size=8.5, grey=True)
    section(paper, "rule")
    table(paper, "rule in rules", [("rule", "rule.rule"), ("value", "rule.value"), ("source", "rule.source"), ("since", "rule.since")])
    section(paper, "evidence")
    table(paper, "one in evidence", [
        ("number", "one.number"), ("evidence", "one.evidence"), ("shows", "one.shows"), ("dated", "one.dated"), ("file", "one.file"),
        ("digest", "one.digest"),
    ])
    section(paper, "truth")
    line(paper, "{{ truth }}")
    line(paper, "")
    line(paper, "{{ signed }}")
    section(paper, "files")
    table(paper, "one in files", [("file", "one.file"), ("sha256", "one.digest")])
    paper.save(str(TARGET))


def line(paper: Paper, text: str, *, size: float = 10, bold: bool = False, grey: bool = False) -> None:
    run = paper.add_paragraph().add_run(text)
    run.font.size, run.bold = Pt(size), bold
    if grey:
        run.font.color.rgb = GREY


def section(paper: Paper, name: str) -> None:
    paragraph = paper.add_paragraph()
    paragraph.paragraph_format.space_before = Pt(10)
    paragraph.paragraph_format.keep_with_next = True
    run = paragraph.add_run(f"{{{{ sections.{name} }}}}")
    run.font.size, run.bold = Pt(11.5), True


def table(paper: Paper, loop: str, columns: Sequence[tuple[str, str]]) -> None:
    """A header row of ``columns.<name>`` and one row an element."""
    made = paper.add_table(rows=4, cols=len(columns), style="Table Grid")
    for at, (name, value) in enumerate(columns):
        head = "SHA-256" if name == "sha256" else f"{{{{ columns.{name} }}}}"
        for row, text, grey in ((0, head, True), (2, f"{{{{ {value} }}}}", False)):
            run = made.cell(row, at).paragraphs[0].add_run(text)
            run.font.size = Pt(8.5)
            if grey:
                run.font.color.rgb = GREY
    made.cell(1, 0).paragraphs[0].add_run(f"{{%tr for {loop} %}}")
    made.cell(3, 0).paragraphs[0].add_run("{%tr endfor %}")


if __name__ == "__main__":
    main()
