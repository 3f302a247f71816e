"""Opens a workbook with its password, in the child. The password goes to the library and nowhere else."""

from pathlib import Path

from pdd_audit.core.errors import AuditError
from pdd_audit.data.reading.hand_over import scratch


def decrypted(path: str, password: str, folder: Path) -> str:
    """The path of the plain workbook. Raises wrong_password, unknown_encryption, damaged_workbook."""
    from msoffcrypto import OfficeFile  # with its cipher library: only who needs it waits for it
    from msoffcrypto.exceptions import DecryptionError, FileFormatError, InvalidKeyError, ParseError

    out = scratch("plain", folder)
    try:
        with Path(path).open("rb") as stream, Path(out).open("wb") as plain:
            book = OfficeFile(stream)
            if getattr(book, "format", "") == "ooxml":
                book.load_key(password=password, verify_password=True)
            else:
                book.load_key(password=password)
            book.decrypt(plain)
    except InvalidKeyError as error:
        raise AuditError("wrong_password") from error
    except (DecryptionError, FileFormatError, ParseError) as error:
        raise AuditError("unknown_encryption") from error
    except MemoryError:
        raise
    except Exception as error:  # a stranger's structures make the library fail in as many ways as they like
        raise AuditError("damaged_workbook") from error
    return out


__all__ = ["decrypted"]
