"""The process that typesets. It bounds itself first; whatever the values make of it, only it can die.

In: one JSON line on stdin, until its end. Out: the PDF on stdout, or exit code 1 (not typeset), 2 (out of memory).
"""

import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

OUT_OF_MEMORY = 2


def bound(memory_bytes: int, cpu_seconds: int) -> None:
    """Memory, CPU time, no core dump, no written file. Windows has no ``resource``; there the parent's clock is the bound."""
    try:
        import resource
    except ImportError:
        return
    wishes = (("RLIMIT_CORE", 0), ("RLIMIT_AS", memory_bytes), ("RLIMIT_CPU", cpu_seconds), ("RLIMIT_FSIZE", 0), ("RLIMIT_NOFILE", 64))
    for name, wish in wishes:
        kind = getattr(resource, name, None)
        if kind is None:
            continue
        _, hard = resource.getrlimit(kind)
        most = wish if hard == resource.RLIM_INFINITY else min(wish, hard)
        with suppress(OSError, ValueError):  # macOS refuses some of them
            resource.setrlimit(kind, (most, most))
    with suppress(OSError):  # Linux only
        Path("/proc/self/oom_score_adj").write_text("1000", "ascii")


def main() -> None:
    """Entry point; started by ``typeset`` only."""
    job = json.loads(sys.stdin.buffer.readline())
    bound(job["memory_bytes"], job["cpu_seconds"])
    code = 1
    try:
        pdf = compiled(job)
        sys.stdout.buffer.write(pdf)
        sys.stdout.buffer.flush()
        code = 0
    except MemoryError:
        code = OUT_OF_MEMORY
    finally:
        os._exit(code)  # nothing to tidy up, and threads of the typesetter need not be waited for


def compiled(job: dict[str, Any]) -> bytes:
    """The PDF of the job. Raises typst.TypstError, whose words may quote values."""
    import typst

    folder, nowhere = Path(job["templates"]), Path(job["templates"]) / "no-packages"
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[job["fonts"]])
    pdf = typst.compile(
        folder / f"{job['template']}.typ",
        root=folder,
        font_paths=fonts,
        sys_inputs={"values": job["values"], "made_at": job["made_at"]},
        package_path=nowhere,
        package_cache_path=nowhere,
        timestamp=0,  # what templates say of time comes from ``made_at``
        format="pdf",
    )
    assert isinstance(pdf, bytes)
    return pdf
