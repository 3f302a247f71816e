"""A ZIP of tables, unpacked in the child: into its own folder, under names of ours, never further than the limits allow."""

import errno
import json
import re
import stat
import unicodedata
import zipfile
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pdd_audit.core.errors import BETWEEN, AuditError
from pdd_audit.data.reading.container import is_package
from pdd_audit.data.reading.limits import Limits

LIST = "entries.json"
TABLES = (".csv", ".tsv", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods", ".json", ".jsonl")
_NESTED = (".zip", ".zipx", ".jar")
_LITTER = ("__MACOSX/", ".DS_Store", "Thumbs.db", "desktop.ini")  # what systems put into archives by themselves
_BLOCK = 1024 * 1024
_AES, _STRONG = 99, 0x40
_EVEN_SMALL = 10 * 1024 * 1024
_LONGEST_NAME = 110
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


def unpack(path: str, folder: Path, limits: Limits, password: str | None, progress: Callable[[float], None]) -> bool:
    """Whether the file is a package; if so, its tables are in ``folder`` as 0001, 0002, ... and told in ``entries.json``.

    Raises zip_bomb, unsafe_zip, nested_zip, encrypted_zip, wrong_password, unknown_encryption, damaged_zip, zip_without_tables. Nothing
    is written before the whole directory has been found sound.
    """
    try:
        with zipfile.ZipFile(path) as package:
            members = package.infolist()
            if not is_package({member.filename for member in members}):
                return False
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False  # the ordinary reading says what is wrong with it
    named = _checked(members, Path(path).stat().st_size, limits)
    tables = {name: member for name, member in named.items() if _is_table(name)}
    if not tables:
        raise AuditError("zip_without_tables", found=BETWEEN.join(named) or "0")
    _write(path, folder, limits, list(tables.values()), password, progress)
    told = {
        "entries": [{"file": f"{number:04d}", "name": shown(name)} for number, name in enumerate(tables, 1)],
        "ignored": [shown(name) for name in named if name not in tables],
    }
    (folder / LIST).write_text(json.dumps(told), "ascii")
    return True


def entry_name(member: zipfile.ZipInfo) -> str:
    """The name as its writer meant it: UTF-8 where flagged or where it fits, else GB18030 (Windows in Chinese), else CP437."""
    if member.flag_bits & 0x800:
        name = member.orig_filename
    else:
        raw = member.orig_filename.encode("cp437", "replace")
        name = member.orig_filename
        for encoding in ("utf-8", "gb18030"):
            try:
                name = raw.decode(encoding)
                break
            except UnicodeDecodeError:
                continue
    return unicodedata.normalize("NFC", name.replace("\\", "/"))


def shown(name: str) -> str:
    """A name for people: no control or direction marks, folders as steps, the end kept when it is long."""
    text = "".join(sign if sign.isprintable() else "\ufffd" for sign in name.replace("/", " › "))
    return text if len(text) <= _LONGEST_NAME else "…" + text[1 - _LONGEST_NAME :]


def _checked(members: list[zipfile.ZipInfo], packed: int, limits: Limits) -> dict[str, zipfile.ZipInfo]:
    """Name -> entry of everything that is a file. The directory alone decides."""
    unpacked = sum(member.file_size for member in members)
    if len(members) > limits.package_entries:
        raise AuditError("zip_entries", found=str(len(members)), limit=limits.package_entries)
    if unpacked > limits.zip_bytes or unpacked > max(packed * limits.zip_ratio, _EVEN_SMALL):
        raise AuditError("zip_bomb", found=f"{unpacked / 1048576:.0f} MB", packed=f"{packed / 1024:.0f} KB")
    named: dict[str, zipfile.ZipInfo] = {}
    for member in members:
        name = entry_name(member)
        mode = stat.S_IFMT(member.external_attr >> 16)
        unsafe = name.startswith("/") or re.match(r"[A-Za-z]:", name) or ".." in name.split("/") or "\0" in name
        if unsafe or mode not in (0, stat.S_IFREG, stat.S_IFDIR) or name in named:
            raise AuditError("unsafe_zip", found=shown(name))
        if name.endswith("/") or any(mark in name for mark in _LITTER):
            continue
        if name.lower().endswith(_NESTED):
            raise AuditError("nested_zip", found=shown(name))
        named[name] = member
    return named


def _is_table(name: str) -> bool:
    base = name.rsplit("/", 1)[-1]
    return base.lower().endswith(TABLES) and not base.startswith(("~$", "."))


def _write(
    path: str, folder: Path, limits: Limits, members: list[zipfile.ZipInfo], password: str | None, progress: Callable[[float], None]
) -> None:
    locked = next((member for member in members if member.flag_bits & 1), None)
    if locked is not None and password is None:
        raise AuditError("encrypted_zip", found=shown(entry_name(locked)))
    if any(member.flag_bits & _STRONG for member in members):
        raise AuditError("unknown_encryption")
    total = 0
    with _archive(path, members) as package:
        for number, member in enumerate(members, 1):
            with (folder / f"{number:04d}").open("xb") as sink:
                total = _copy(package, member, sink, total, limits, password)
            progress(number / len(members))


def _archive(path: str, members: list[zipfile.ZipInfo]) -> Any:
    """The standard reader; for AES, which it lacks, one that is like it."""
    if not any(member.compress_type == _AES for member in members):
        return zipfile.ZipFile(path)
    from pyzipper import AESZipFile

    return AESZipFile(path)


def _copy(package: Any, member: zipfile.ZipInfo, sink: Any, total: int, limits: Limits, password: str | None) -> int:
    locked = bool(member.flag_bits & 1)
    own = next(one for one in package.infolist() if one.header_offset == member.header_offset)  # each reader wants its own class
    try:
        for pwd in _spellings(password) if locked else (None,):
            try:
                part = package.open(own, pwd=pwd)
                break
            except RuntimeError:  # a wrong password
                continue
        else:
            raise AuditError("wrong_password", found=shown(entry_name(member)))
        with part:
            while block := part.read(_BLOCK):
                total += len(block)
                if total > limits.zip_bytes:
                    raise AuditError("zip_bomb", found=f"> {limits.zip_bytes // 1048576} MB", packed="?")
                sink.write(block)
    except AuditError:
        raise
    except OSError as error:
        if error.errno in _NO_ROOM:
            raise
        raise AuditError("damaged_zip", found=shown(entry_name(member))) from error
    except (zlib.error, zipfile.BadZipFile, EOFError, ValueError, NotImplementedError, KeyError) as error:
        # The old cipher's check is one byte: one wrong password in 256 passes it, and then the content makes no sense.
        code = "wrong_password" if locked and not isinstance(error, NotImplementedError) else "damaged_zip"
        raise AuditError(code, found=shown(entry_name(member))) from error
    except Exception as error:
        if type(error).__name__ in {"BadZipFile", "LZMAError"}:  # pyzipper has classes of its own
            raise AuditError("wrong_password" if locked else "damaged_zip", found=shown(entry_name(member))) from error
        raise
    return total


def _spellings(password: str | None) -> tuple[bytes, ...]:
    """A password with Chinese characters was typed as UTF-8 or as GB18030, depending on the system."""
    text = password or ""
    return tuple(dict.fromkeys((text.encode("utf-8", "surrogatepass"), text.encode("gb18030", "replace"))))


__all__ = ["LIST", "TABLES", "entry_name", "shown", "unpack"]
