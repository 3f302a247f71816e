"""Archives of stored data: a ZIP whose first member says what kind it is and which files it holds, with size and SHA-256 of each.

Writing: whole or not at all, readable for this user only. Reading: an archive comes from anywhere, so it is believed in nothing that was
not checked. Names must be of the kind's own pattern, sizes are bounded before a byte is unpacked, and every byte is counted while it is.
"""

import errno
import hashlib
import json
import os
import re
import shutil
import uuid
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.data.reading.hand_over import patiently
from pdd_audit.data.reading.import_folder import sync_folder

ArchiveKind = Literal["pdd-audit-shop", "pdd-audit-home"]
CONTENTS = "contents.json"
VERSION = 1
MEMBERS = 100_000
CONTENTS_BYTES = 32 * 1024 * 1024
RATIO = 200  # JSON packs well; the rows are packed already
SMALL_BYTES = 1024 * 1024  # below it a ratio says nothing
SPARE_BYTES = 64 * 1024 * 1024  # of the disk, left free
_BLOCK = 1024 * 1024


class Packed(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")
    size: int = Field(ge=0)
    sha256: str = Field(pattern="^[0-9a-f]{64}$")


class Contents(BaseModel):
    """``tables``: version of the tables the state was written with. ``files``: name inside the archive -> what it must be."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    format: ArchiveKind
    version: int
    tables: str = Field(pattern="^[0-9]{4}$")
    made_at: str
    shop: str = ""
    files: dict[str, Packed]


@dataclass(frozen=True)
class Member:
    name: str
    path: Path


@contextmanager
def appearing(target: Path) -> Iterator[BinaryIO]:
    """A new file for this user only that takes the place of ``target`` when the block ends well, and is gone when it does not. Raises
    OSError also for a target that is there and is no file: putting one in the place of a device would end it."""
    if target.exists() and not target.is_file():
        raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST))
    part = target.with_name(f"{target.name}.{uuid.uuid4().hex[:8]}.part")
    try:
        with open(part, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        patiently(lambda: part.replace(target))
        sync_folder(target.parent)
    finally:
        with suppress(OSError):
            part.unlink()


def write_archive(target: BinaryIO, contents: Contents, members: Iterable[Member]) -> None:
    """Writes the files and, last, what they were as they were read; ``contents.files`` is filled here. Raises OSError."""
    files: dict[str, Packed] = {}
    with zipfile.ZipFile(target, "w", zipfile.ZIP_STORED) as archive:
        for member in members:
            how = zipfile.ZIP_STORED if member.name.endswith(".parquet") else zipfile.ZIP_DEFLATED
            entry = zipfile.ZipInfo(member.name)  # of a fixed date: the same data gives the same archive
            entry.compress_type = how
            files[member.name] = _pack(archive, entry, member.path)
        text = contents.model_copy(update={"files": files}).model_dump_json()
        archive.writestr(zipfile.ZipInfo(CONTENTS), text.encode("utf-8"), zipfile.ZIP_DEFLATED)


def _pack(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, path: Path) -> Packed:
    digest, size = hashlib.sha256(), 0
    with path.open("rb") as source, archive.open(entry, "w", force_zip64=True) as packed:
        while block := source.read(_BLOCK):
            packed.write(block)
            digest.update(block)
            size += len(block)
    return Packed(size=size, sha256=digest.hexdigest())


class Archive:
    """An archive that was looked through and not believed yet. Raises AuditError with the archive's name in its place."""

    def __init__(self, path: Path, kind: ArchiveKind, names: re.Pattern[str]) -> None:
        self.place = Place(file=path.name)
        try:
            self._zip = zipfile.ZipFile(path)
        except OSError as error:
            raise AuditError("unreadable_file", self.place, found=error.strerror or "") from error
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise AuditError("archive_damaged", self.place, found="ZIP") from error
        try:
            self.entries = self._looked_through(names)
            self.contents = self._contents(kind)
            self._agree()
        except BaseException:
            self._zip.close()
            raise

    def close(self) -> None:
        self._zip.close()

    def unpack(self, folder: Path) -> None:
        """Every file into ``folder``, each as large and with the digest that the archive names. ``folder`` is the caller's to remove."""
        free = shutil.disk_usage(folder).free
        if sum(packed.size for packed in self.contents.files.values()) > free - SPARE_BYTES:
            raise AuditError("disk_full", self.place, found=f"{free // 1024**2} MB")
        for name, packed in self.contents.files.items():
            target = folder.joinpath(*name.split("/"))
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with self._reading(name) as source, open(target, "xb", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
                digest, size = hashlib.sha256(), 0
                while block := source.read(_BLOCK):
                    size += len(block)
                    if size > packed.size:
                        raise self.damaged(name)
                    digest.update(block)
                    file.write(block)
                file.flush()
                os.fsync(file.fileno())
            if size != packed.size or digest.hexdigest() != packed.sha256:
                raise self.damaged(name)

    def damaged(self, name: str) -> AuditError:
        return AuditError("archive_damaged", self.place, found=name)

    def _looked_through(self, names: re.Pattern[str]) -> dict[str, zipfile.ZipInfo]:
        entries: dict[str, zipfile.ZipInfo] = {}
        infos = self._zip.infolist()
        if len(infos) > MEMBERS:
            raise AuditError("archive_foreign", self.place, found=f"{len(infos)} > {MEMBERS}")
        for info in infos:
            encrypted, odd = info.flag_bits & 0x1, info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
            wrong = info.filename != CONTENTS and not names.fullmatch(info.filename)
            if wrong or encrypted or odd or info.filename in entries:
                raise AuditError("archive_foreign", self.place, found=ascii(info.filename)[:60])
            if info.file_size > SMALL_BYTES and info.file_size > RATIO * max(info.compress_size, 1):
                raise AuditError("archive_bomb", self.place, found=f"{info.file_size // 1024**2} MB")
            entries[info.filename] = info
        return entries

    def _contents(self, kind: ArchiveKind) -> Contents:
        info = self.entries.pop(CONTENTS, None)
        if info is None:
            raise AuditError("archive_foreign", self.place, found="ZIP")
        if info.file_size > CONTENTS_BYTES:
            raise AuditError("archive_bomb", self.place, found=f"{info.file_size // 1024**2} MB")
        with self._reading(CONTENTS) as source:
            text = source.read(CONTENTS_BYTES + 1)
        try:
            raw = json.loads(text)
            if isinstance(raw, dict) and isinstance(raw.get("version"), int) and raw["version"] > VERSION:
                raise AuditError("archive_newer", self.place, found=str(raw["version"]), known=VERSION)
            contents = Contents.model_validate(raw)
        except (ValidationError, ValueError, RecursionError) as error:
            raise self.damaged(CONTENTS) from error
        if contents.format != kind:
            raise AuditError("archive_other_kind", self.place, found=contents.format, wanted=kind)
        return contents

    def _agree(self) -> None:
        for name in self.entries.keys() ^ self.contents.files.keys():
            raise self.damaged(name)
        for name, packed in self.contents.files.items():
            if self.entries[name].file_size != packed.size:
                raise self.damaged(name)

    @contextmanager
    def _reading(self, name: str) -> Iterator[IO[bytes]]:
        try:
            with self._zip.open(name) as source:
                yield source
        except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, ValueError) as error:
            raise self.damaged(name) from error
