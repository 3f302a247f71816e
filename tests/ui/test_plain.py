import re

import pytest

from pdd_audit.ui.plain import JOINER, md_escape, shortened

HOSTILE = [
    "![x](https://evil.example/p.gif)",
    "[link](http://evil.example)",
    "<img src=x onerror=alert(1)>",
    "**bold** _it_ ~~no~~ `code`",
    "$x^2$",
    ":material/delete:",
    ":red[text]",
    ":smile:",
    "www.evil.example",
    "https://evil.example/a?b=c",
    "a@b.example",
    "# title",
    "- item\n- item",
    "| a | b |",
    "1. first",
    "> quote",
    "a\\*b",
    "line  \nbreak",
]


@pytest.mark.parametrize("text", HOSTILE)
def test_foreign_text_keeps_its_letters_and_loses_its_power(text):
    safe = md_escape(text)
    assert "\n" not in safe
    for found in re.finditer(r"[*_`\[\]()<>#!~$|]", safe):
        assert safe[found.start() - 1] == "\\", safe
    assert not re.search(rf":(?!{JOINER})", safe)
    assert not re.search(rf"@(?!{JOINER})", safe)
    assert not re.search(r"www\\?\.", safe)
    assert re.sub(rf"[\\{JOINER}]", "", safe) == " ".join(text.replace("\\", "").split())


def test_a_long_file_name_keeps_its_beginning_and_its_ending():
    name = "8f14e45fceea167a5a36dedd4bea2543_orders_export2026-10-28.csv"
    assert shortened(name).startswith("8f14e45f") and shortened(name).endswith("2026-10-28.csv")
    assert len(shortened(name)) <= 48
    assert shortened("short.csv") == "short.csv"
