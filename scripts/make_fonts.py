"""Make the fonts that PDF reports carry: ``python -m scripts.make_fonts FOLDER`` from the project's root, with fonttools installed.

FOLDER holds ``NotoSansCJK-Regular.ttc`` and ``NotoSansCJK-Bold.ttc`` (https://github.com/notofonts/noto-cjk, Sans 2.004, SIL OFL 1.1).
Kept are the 6,763 characters of GB 2312, the frequent traditional ones (level 1 of Big5), characters of names beside them, Latin, Greek,
Cyrillic, punctuation, arrows and common signs. ``coverage.json`` lists what came out, as ranges of code points.
"""

import json
import sys
from itertools import groupby
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FONTS = Path(__file__).resolve().parent.parent / "pdd_audit" / "reports" / "fonts"
SIMPLIFIED_CHINESE = 2  # which face of the collection
STYLES = ("Regular", "Bold")
# Seen in names of people, shops and places, and in neither standard.
NAMES = (
    "喆堃玥珺犇囍昇瑄鱻骉镕淼焱垚燊翀旻昉昕晗晞暄煊煜熠琇琬瑀瑗璟璐璠瓅祎祺禛稹竑筠罡翊苡茜荃莜菡萱葳蓁薏蘅蕙鋆锜锴镆镠闳雱霈"
    "靓韫頔颢飏骁骐骢鹔麒齉砼槊湉淏溦滢漪濛烜烨焜牂玎玘玙玚玢玫玭珈珩珵琚琛琮琰"
)
PLAIN = (
    (0x20, 0x7F), (0xA0, 0x180), (0x2C6, 0x2DE), (0x391, 0x3CA), (0x401, 0x452), (0x2010, 0x2028), (0x2030, 0x203C), (0x2060, 0x2061),
    (0x20A0, 0x20C0), (0x2100, 0x2140), (0x2150, 0x2189), (0x2190, 0x219A), (0x2200, 0x2270), (0x2460, 0x249C), (0x2500, 0x2580),
    (0x25A0, 0x25E6), (0x2600, 0x2643), (0x2713, 0x2714), (0x2717, 0x2718), (0x3000, 0x3020), (0x3220, 0x3230), (0x3300, 0x3380),
    (0xFE30, 0xFE50), (0xFF01, 0xFF5F), (0xFFE0, 0xFFE7), (0xFFFD, 0xFFFE),
)  # fmt: skip


def wanted() -> set[int]:
    """Code points to keep, where the font has them."""
    simplified = _decoded("gb2312", range(0xA1, 0xF8), range(0xA1, 0xFF))
    traditional = _decoded("big5", range(0xA4, 0xC7), range(0x40, 0xFF))
    plain = {code for first, after in PLAIN for code in range(first, after)}
    return simplified | traditional | {ord(char) for char in NAMES} | plain


def _decoded(codec: str, leads: range, trails: range) -> set[int]:
    texts = (bytes((lead, trail)).decode(codec, "ignore") for lead in leads for trail in trails)
    return {ord(text) for text in texts if len(text) == 1 and ord(text) > 0x7F}


def made(source: Path, target: Path) -> set[int]:
    """Writes one subset font and returns the code points in it."""
    options = subset.Options()
    options.layout_features = ["kern"]
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.name_languages = [0x409]
    options.recalc_timestamp = False
    font = TTFont(source, fontNumber=SIMPLIFIED_CHINESE, lazy=True, recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=wanted())
    subsetter.subset(font)
    font.save(target)
    return set(font.getBestCmap())


def ranges(codes: set[int]) -> list[list[int]]:
    """[[first, last], ...], ascending."""
    runs = groupby(enumerate(sorted(codes)), key=lambda pair: pair[1] - pair[0])
    return [[run[0][1], run[-1][1]] for run in (list(group) for _, group in runs)]


if __name__ == "__main__":
    folder = Path(sys.argv[1])
    FONTS.mkdir(exist_ok=True)
    kept = [made(folder / f"NotoSansCJK-{style}.ttc", FONTS / f"NotoSansCJKsc-{style}-subset.otf") for style in STYLES]
    both = set.intersection(*kept)
    (FONTS / "coverage.json").write_text(json.dumps(ranges(both), separators=(",", ":")) + "\n", "utf-8")
    print(f"{len(both)} characters")
