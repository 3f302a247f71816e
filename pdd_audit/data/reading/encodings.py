"""In which encoding a text table is written, and its copy in UTF-8."""

import codecs
from pathlib import Path

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.data.reading.recognise import header_score
from pdd_audit.data.reading.walk import Walk

# UTF-8 read as GB18030 turns 已收, 已发, 已签, 快递, 运输 into these: two files of different encodings were glued together.
_GLUED = ("宸叉敹", "宸插彂", "宸茬", "蹇€掑", "杩愯緭")
_GLUED_SIGNS = sorted({mark[0] for mark in _GLUED})  # a single sign is found five times as fast as a word
_CHUNK = 256 * 1024  # small enough to stay in the cache between decoding and counting: a third less time than 1 MB


def encoding_of(head: bytes, *, whole: bool) -> str:
    """The encoding in which the header is known; without a known header the first one that decodes."""
    if head.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    nuls = head.count(b"\0")
    candidates = ["utf-8", "gb18030"]
    if nuls > len(head) // 10:
        candidates = ["utf-16-le", "utf-16-be"]
    fits: list[tuple[int, int, str]] = []
    for order, name in enumerate(candidates):
        try:
            decoded = codecs.getincrementaldecoder(name)("strict").decode(head, whole)
            strict = 1
        except UnicodeDecodeError:
            decoded, strict = head.decode(name, "replace"), 0
        rows = [line.replace("\t", ",").replace(";", ",").split(",") for line in decoded.splitlines()[:12]]
        fits.append((max(map(header_score, rows), default=0) * 2 + strict, -order, name))
    score, _, name = max(fits)
    if nuls > len(head) // 10 and score < 4:
        raise AuditError("binary_file", found="NUL")
    return name


def transcode(path: str, encoding: str, out: str, count: Walk) -> None:
    """Writes the copy. Characters are counted in it: in UTF-16 a newline byte may be half of a character."""
    decoder = codecs.getincrementaldecoder(encoding)("strict")
    with Path(path).open("rb", buffering=0) as stream, Path(out).open("wb") as copy:
        while True:
            block = stream.read(_CHUNK)
            try:
                decoded = decoder.decode(block, not block)
            except UnicodeDecodeError as error:
                if not block:
                    return  # the file breaks off in the middle of a character; its last row shows it
                row = _row_of_bad_byte(encoding, count.newlines, block, error)
                bad = error.object[error.start : error.start + 4].hex(" ")
                raise AuditError("bad_encoding", Place(row=row), found=bad, encoding=_shown(encoding)) from error
            glued = encoding == "gb18030" and any(sign in decoded for sign in _GLUED_SIGNS) and any(mark in decoded for mark in _GLUED)
            if glued:
                at = min(decoded.find(mark) for mark in _GLUED if mark in decoded)
                place = Place(row=count.newlines + decoded.count("\n", 0, at) + 1)
                utf8 = decoded[at : at + 2].encode("gb18030")[:4].hex(" ")
                raise AuditError("bad_encoding", place, found=f"{utf8} (UTF-8)", encoding="GB18030")
            if decoded:
                text = decoded.encode("utf-8")
                copy.write(text)
                count.add(text)
            if not block:
                return


def _row_of_bad_byte(encoding: str, newlines: int, block: bytes, error: UnicodeDecodeError) -> int:
    # The decoder may have carried up to three bytes from the block before; none of them is a newline.
    carried = len(error.object) - len(block)
    step = 2 if encoding.startswith("utf-16") else 1
    return newlines + block.count(b"\n", 0, max(0, error.start - carried)) + 1 if step == 1 else newlines + 1


def _shown(encoding: str) -> str:
    return {"utf-8": "UTF-8", "utf-8-sig": "UTF-8", "gb18030": "GB18030"}.get(encoding, "UTF-16")


__all__ = ["encoding_of", "transcode"]
