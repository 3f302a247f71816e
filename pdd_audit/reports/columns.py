"""Text set in columns of a terminal, where a Chinese sign takes two and nothing foreign may move the cursor."""

import unicodedata

from pdd_audit.texts.numbers import JOIN

NEVER_FIRST = frozenset("，。、；：！？）」』】》%,.;:!?)…")


def printable(text: str) -> str:
    """Names come from folders and files: nothing in them may move the cursor or colour the terminal."""
    return "".join(sign if sign.isprintable() else "?" for sign in text.replace(JOIN, ""))


def width(text: str) -> int:
    """Columns on a terminal: Chinese signs take two, accents set over a letter none."""
    return sum(0 if unicodedata.combining(sign) else 2 if _is_wide(sign) else 1 for sign in text)


def placed(cell: str, columns: int, left: bool = False) -> str:
    """Filled up with blanks; ``left``: on which side the text stands."""
    space = " " * (columns - width(cell))
    return cell + space if left else space + cell


def in_lines(text: str, columns: int, hang: int) -> str:
    """Broken between words or Chinese signs wherever a line would be wider; what follows the first line is set in by ``hang``."""
    lines, line = [], ""
    for piece in _pieces(text):
        if line.strip() and width(line + piece.rstrip()) > columns:
            lines.append(line.rstrip())
            line = " " * hang
        if line.strip() or not piece.isspace() or not lines:
            line += piece
    return "\n".join([*lines, line.rstrip()])


def _pieces(text: str) -> list[str]:
    """What stays together: a word with the blanks after it, a Chinese sign with the punctuation after it."""
    pieces: list[str] = []
    for sign in text:
        last = pieces[-1] if pieces else ""
        after_blank = last[-1:].isspace() and not sign.isspace()
        between = bool(last) and (_is_wide(sign) or _is_wide(last[-1])) and sign not in NEVER_FIRST and not sign.isspace()
        opened = last[-1:] in tuple("（「『《【") if last else False
        if not last or ((after_blank or between) and not opened):
            pieces.append(sign)
        else:
            pieces[-1] += sign
    return pieces


def _is_wide(sign: str) -> bool:
    return unicodedata.east_asian_width(sign) in "WF"
