"""PDF and Excel of the demo shop: on the page made once and only when asked for, from the command line written whole into a file."""

import io

from pypdf import PdfReader
from python_calamine import CalamineWorkbook

from pdd_audit.cli import main
from pdd_audit.reports import pdf, xlsx
from pdd_audit.services import figure_rows


def test_pdf_and_excel_are_made_when_asked_for_and_once(demo_home, open_page, monkeypatch):
    made = []

    def counted(module, name):
        real = getattr(module, name)

        def render(result, checklists, lang, *more, **options):
            made.append((real(result, checklists, lang, *more, **options), lang))
            return made[-1][0]

        monkeypatch.setattr(module, name, render)

    counted(pdf, "render_pdf")
    counted(xlsx, "render_xlsx")
    monkeypatch.setattr(figure_rows, "figure_rows", lambda *asked: [])  # their own test is below
    app = open_page("report", lang="en")
    assert not app.exception and made == []
    for form in ("pdf", "xlsx"):
        app.button(key=f"make_{form}").click().run()
        assert not app.exception and not app.error
    labels = {button.label for button in app.get("download_button")} if app.get("download_button") else set()
    assert labels >= {"Download the PDF", "Download the Excel file"}
    app.run()
    assert [lang for _, lang in made] == ["en", "en"]
    assert "拾光家居" in PdfReader(io.BytesIO(made[0][0])).pages[0].extract_text()
    next(group for group in app.segmented_control if group.key == "report_language").set_value("zh").run()
    assert len(made) == 2 and app.button(key="make_pdf").label == "Make the PDF"


def test_the_command_line_writes_whole_files_and_asks_for_their_name(demo_home, tmp_path, capsys):
    asked = ["score", "--home", str(demo_home), "--lang", "en", "--format"]
    assert main([*asked, "pdf"]) == 2
    assert "add --out report.pdf" in capsys.readouterr().err
    for form in ("pdf", "xlsx"):
        assert main([*asked, form, "--out", str(tmp_path / f"report.{form}")]) == 0
    pages = PdfReader(tmp_path / "report.pdf").pages
    assert len(pages) > 3 and "拾光家居" in pages[0].extract_text()
    book = CalamineWorkbook.from_path(tmp_path / "report.xlsx")
    late = book.get_sheet_by_name("Parcels past the limit").to_python()
    early = book.get_sheet_by_name("Parcels uploaded before pickup").to_python()
    assert late[2][0] == f"{len(late) - 4} rows, all of them." and late[3][0] == "Waybill"
    assert early[2][0].startswith("The first 1,000 rows only") and len(early) == 1004
    assert {path.name for path in tmp_path.glob("report*")} == {"report.pdf", "report.xlsx"}
