"""Every entry of the catalogue of files has a test that bears its number."""

import re
from pathlib import Path

ENTRIES = 144
NUMBER = re.compile(r"(?:BF-|def test_bf_|_and_)(\d{3})")


def test_no_entry_is_without_a_test():
    tested = set()
    for file in Path(__file__).parent.glob("test_*.py"):
        _, _, body = file.read_text("utf-8").partition("\n")  # the first line tells of whole chapters
        lines = [line for line in body.splitlines() if not line.lstrip().startswith("#")]
        tested |= {int(number) for line in lines for number in NUMBER.findall(line)}
    assert tested == set(range(1, ENTRIES + 1))
