"""A PDF from one of our templates and values of any origin.

The values reach the template as data, never as markup: it may show them, nothing in them is run. The typesetter works in a child process
with bounds on memory and time, sees the template folder and our fonts alone, and fetches nothing.
"""

import json
import os
import re
import subprocess
import sys
import unicodedata
from bisect import bisect_right
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any

from markupsafe import Markup

from pdd_audit.core.errors import AuditError

FONT = "Noto Sans CJK SC"
TEMPLATES = Path(str(files("pdd_audit.reports") / "templates"))
FONTS = Path(str(files("pdd_audit.reports") / "fonts"))

WALL_SECONDS = 60
CPU_SECONDS = 45
MEMORY_BYTES = 2 * 1024**3
MOST_BYTES = 16 * 1024**2  # of values on their way in, and of the PDF on its way out

NOT_IN_THE_FONT = "□"
LONG_WORD = 40  # characters without a place to break; longer ones are given some, or they run out of the page
PIECE = 10
_ROOT = Path(__file__).resolve().parents[2]
_ENTRY = "import sys; sys.path.insert(0, {root!r}); from pdd_audit.reports.typeset_child import main; main()"
_APART: int = getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0) | getattr(subprocess, "CREATE_NO_WINDOW", 0)  # Windows only
_KEPT_ENVIRONMENT = ("SYSTEMROOT",) if os.name == "nt" else ()  # without it Windows starts no program
_TURNING = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
_UNSEEN = frozenset("\u200b\u2060")  # where a line may break and where it may not; they need no glyph
_UNBROKEN = re.compile(rf"[^\s\u2e80-\uffef]{{{LONG_WORD + 1},}}")


def typeset(template: str, values: Mapping[str, object], *, made_at: datetime | None = None) -> bytes:
    """The PDF of ``templates/<template>.typ``; equal arguments give equal bytes.

    ``values``: what JSON can hold (texts, finite numbers, booleans, None, lists, mappings); the template has them as ``values`` of
    ``kit.typ``. Texts lose control and direction characters; what our font lacks is shown as □. Markup stands for SVG of ours (``svg.py``)
    and is drawn, not shown. ``made_at``: the document's date, local.
    Raises AuditError report_too_large (over the bounds) or report_failed.
    """
    if not re.fullmatch(r"[a-z][a-z0-9_]*", template) or not (TEMPLATES / f"{template}.typ").is_file():
        raise ValueError(f"no template {template}")
    job = {
        "template": template,
        "values": json.dumps(clean(values), ensure_ascii=False, allow_nan=False),
        "made_at": json.dumps(made_at and [made_at.year, made_at.month, made_at.day, made_at.hour, made_at.minute, made_at.second]),
        "templates": str(TEMPLATES),
        "fonts": str(FONTS),
        "memory_bytes": MEMORY_BYTES,
        "cpu_seconds": CPU_SECONDS,
    }
    line = json.dumps(job).encode("ascii")
    if len(line) > MOST_BYTES:
        raise AuditError("report_too_large", found=f"{len(line) // 1024**2} MB")
    return _made(line)


def _made(job: bytes) -> bytes:
    environment = {"LANG": "C.UTF-8", "MALLOC_ARENA_MAX": "2", "RAYON_NUM_THREADS": "2", "PYTHONDONTWRITEBYTECODE": "1"}
    environment |= {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and entry; no user text among the arguments
            [sys.executable, "-I", "-c", _ENTRY.format(root=str(_ROOT))],
            input=job,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,  # messages of the typesetter may quote values
            cwd=TEMPLATES,
            env=environment,
            timeout=WALL_SECONDS,
            start_new_session=True,  # of no effect on Windows
            creationflags=_APART,
            check=False,
        )
    except subprocess.TimeoutExpired as error:
        raise AuditError("report_too_large", found=f"> {WALL_SECONDS} s") from error
    except OSError as error:
        raise AuditError("report_failed", found=error.strerror or "") from error
    if done.returncode:
        code = "report_failed" if done.returncode == 1 else "report_too_large"
        raise AuditError(code, found=f"exit {done.returncode}")
    if not done.stdout.startswith(b"%PDF-"):
        raise AuditError("report_failed", found="?")
    return done.stdout


def clean(value: object) -> Any:
    """The value with every text in it fit for the page. Raises TypeError for what JSON cannot hold."""
    if isinstance(value, Markup):  # a drawing of ours
        return "".join(map(_shown, str(value)))
    if isinstance(value, str):
        return fit(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if isinstance(value, Mapping):
        return {fit(str(key)): clean(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [clean(inner) for inner in value]
    raise TypeError(f"{type(value).__name__} cannot be put on a page")


def fit(text: str) -> str:
    """Foreign text that the font can show and a line can hold. Line breaks stay."""
    shown = "".join(_shown(char) for char in unicodedata.normalize("NFC", str(text)).replace("\r\n", "\n").replace("\t", " "))
    return _UNBROKEN.sub(lambda match: "\u200b".join(_pieces(match[0])), shown)


def _shown(char: str) -> str:
    if char == "\n" or char in _UNSEEN or _in_the_font(char):
        return char
    kind = unicodedata.category(char)
    if kind in ("Cc", "Cs", "Co") or char in _TURNING:
        return ""
    return "" if kind in ("Mn", "Me", "Cf") else NOT_IN_THE_FONT  # a mark over a letter we lack needs no box of its own


def _pieces(word: str) -> list[str]:
    return [word[at : at + PIECE] for at in range(0, len(word), PIECE)]


def _in_the_font(char: str) -> bool:
    firsts, lasts = _coverage()
    at = bisect_right(firsts, ord(char)) - 1
    return at >= 0 and ord(char) <= lasts[at] and char not in _TURNING and unicodedata.category(char) != "Cc"


@cache
def _coverage() -> tuple[list[int], list[int]]:
    """First and last code points of the runs that both our fonts can show."""
    runs = json.loads((FONTS / "coverage.json").read_text("utf-8"))
    return [first for first, _ in runs], [last for _, last in runs]
