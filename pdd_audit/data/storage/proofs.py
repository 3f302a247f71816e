"""Photos and documents that prove answers: kept by digest beside the shop's ledger, never opened, never run.

What a file is, is told by its first bytes, not by its name. Whoever asks for a proof names its shop and its digest; nothing else is served.
"""

import hashlib
import os
import re
import uuid
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Literal

from pdd_audit.core.errors import AuditError, Place
from pdd_audit.core.questions import Attachment
from pdd_audit.data.reading.import_folder import sync_folder

LARGEST_BYTES = 10 * 1024 * 1024
KINDS: dict[bytes, Literal["png", "jpg", "pdf"]] = {b"\x89PNG\r\n\x1a\n": "png", b"\xff\xd8\xff": "jpg", b"%PDF-": "pdf"}
NAME = re.compile(r"[0-9a-f]{64}\.(png|jpg|pdf)")
UNNAMED = "proof"


class Proofs:
    """The proofs of one shop."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def keep(self, name: str, data: bytes) -> Attachment:
        """Keep a file; the same bytes lie there once. Raises AuditError ``proof_kind``, ``proof_size``, ``disk_full``."""
        place = Place(file=name)
        if len(data) > LARGEST_BYTES:
            raise AuditError("proof_size", place, found=f"{len(data) / 1024**2:.1f} MB", largest=LARGEST_BYTES // 1024**2)
        kind = next((kind for start, kind in KINDS.items() if data.startswith(start)), None)
        if kind is None:
            raise AuditError("proof_kind", place, found=Path(name).suffix or "?")
        attachment = Attachment(sha256=hashlib.sha256(data).hexdigest(), kind=kind, name=_plain(name))
        path = self.path(attachment)
        if not path.exists():
            self._write(path, data)
        return attachment

    def _write(self, path: Path, data: bytes) -> None:
        part = path.with_name(f"{uuid.uuid4().hex}.part")
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            with open(part, "xb", opener=lambda file, flags: os.open(file, flags, 0o600)) as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            part.replace(path)
            sync_folder(self.folder)
        except OSError as error:
            with suppress(OSError):
                part.unlink()
            raise AuditError("disk_full", Place(file=path.name), found=error.strerror or "") from error

    def read(self, attachment: Attachment) -> bytes | None:
        """Its bytes, None where they are gone or no longer what they were."""
        try:
            data = self.path(attachment).read_bytes()
        except OSError:
            return None
        return data if hashlib.sha256(data).hexdigest() == attachment.sha256 else None

    def path(self, attachment: Attachment) -> Path:
        return self.folder / f"{attachment.sha256}.{attachment.kind}"

    def stored(self) -> Iterator[Path]:
        """Every proof that lies there whole."""
        return (path for path in sorted(self.folder.glob("*")) if NAME.fullmatch(path.name))

    def damaged(self) -> list[str]:
        """Names of proofs whose bytes are not those of their name."""
        return [path.name for path in self.stored() if hashlib.sha256(path.read_bytes()).hexdigest() != path.stem]


def _plain(name: str) -> str:
    """The file's own name without its folders or anything that does not print, cut to what fits."""
    last = re.split(r"[\\/]", name)[-1]
    return "".join(letter for letter in last if letter.isprintable()).strip()[-120:] or UNNAMED
