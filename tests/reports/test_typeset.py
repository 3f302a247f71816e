"""Typesetting: values are data whatever they hold, the fonts come along, equal values give equal bytes, and the bounds hold."""

import io
from datetime import datetime
from pathlib import Path

import pytest
from pypdf import PdfReader

from pdd_audit.core.errors import AuditError
from pdd_audit.reports import typeset

LETTER = '#import "kit.typ": *\n#show: paper.with(title: values.shop, foot: values.shop)\n= #values.shop\n#values.note\n'
HOSTILE = ["=1+1", "#import \"@preview/x:1.0.0\": *", "@x", "#read(\"/etc/passwd\")", "$x$ *y* _z_ `c` \\ <a>", "#panic()", "{{ x }}"]


@pytest.fixture
def letter(tmp_path, monkeypatch):
    """A template of two values, beside the real kit."""
    (tmp_path / "kit.typ").write_bytes((typeset.TEMPLATES / "kit.typ").read_bytes())
    (tmp_path / "letter.typ").write_text(LETTER, "utf-8")
    monkeypatch.setattr(typeset, "TEMPLATES", tmp_path)
    return tmp_path


def read(pdf: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(pdf))


def test_values_are_shown_as_they_are_and_never_run(letter):
    pdf = typeset.typeset("letter", {"shop": "店 " + " ".join(HOSTILE), "note": "第一行\n" + "a" * 4000 + "\n喆 😀👩‍👩‍👧 مرحبا \u202egnp.exe \x00\ud800 𠮷 Ж"})
    text = read(pdf).pages[0].extract_text()
    shown = "".join(text.split())
    assert all("".join(value.split()) in shown for value in HOSTILE)
    assert "喆□□□□□□□□□gnp.exe□Ж" in "".join("".join(page.extract_text().split()) for page in read(pdf).pages)
    assert "root:" not in text


def test_fonts_come_along_and_equal_values_give_equal_bytes(letter):
    values = {"shop": "拾光家居店", "note": "24 小时未揽收"}
    first, again = (typeset.typeset("letter", values, made_at=datetime(2026, 11, 20, 18)) for _ in range(2))
    assert first == again
    assert typeset.typeset("letter", values, made_at=datetime(2026, 11, 21)) != first
    reader = read(first)
    fonts = [font.get_object() for page in reader.pages for font in page["/Resources"]["/Font"].values()]
    assert {str(font["/BaseFont"]).split("+")[1] for font in fonts} == {"NotoSansCJKsc-Regular-Identity-H", "NotoSansCJKsc-Bold-Identity-H"}
    assert all("/FontFile3" in font["/DescendantFonts"][0].get_object()["/FontDescriptor"] for font in fonts)
    assert reader.metadata is not None and reader.metadata.creation_date.strftime("%Y-%m-%d %H:%M") == "2026-11-20 18:00"


def test_a_template_reads_nothing_outside_its_folder(letter):
    (letter.parent / "secret.txt").write_text("x", "utf-8")
    for path in ("/../secret.txt", "/etc/passwd", "@preview/x:1.0.0"):
        (letter / "letter.typ").write_text(f'#read("{path}")' if path[0] == "/" else f'#import "{path}"', "utf-8")
        with pytest.raises(AuditError) as caught:
            typeset.typeset("letter", {})
        assert caught.value.code == "report_failed"


def test_what_grows_beyond_the_bounds_ends_alone(letter, monkeypatch):
    monkeypatch.setattr(typeset, "MOST_BYTES", 10_000)
    with pytest.raises(AuditError, match="report_too_large"):
        typeset.typeset("letter", {"shop": "a", "note": "b" * 20_000})
    (letter / "letter.typ").write_text('#let s = "x"\n#while true { s += s }', "utf-8")
    monkeypatch.setattr(typeset, "MEMORY_BYTES", 400 * 1024**2)
    with pytest.raises(AuditError) as caught:
        typeset.typeset("letter", {})
    assert caught.value.code in ("report_too_large", "report_failed")


def test_every_text_of_ours_is_in_the_font():
    from pdd_audit.texts import all_texts

    printed = ("report.", "appeals.", "verdicts.", "grades.", "metric_names.", "flags.", "warnings.", "kinds.", "left_out.", "app.rows.", "app.columns.")
    lacking = {char for key, text in all_texts().items() if key.startswith(printed) for said in text.values() for char in said if typeset.fit(char) != char}
    assert lacking == set()


def test_the_licence_of_the_fonts_comes_along():
    assert "SIL OPEN FONT LICENSE" in (Path(typeset.FONTS) / "OFL.txt").read_text("utf-8")
