"""A folder on another machine, as Spark would see one: served on loopback in the words of WebHDFS, the one remote file system whose client
Spark brings along. A store of objects answers the same questions through a client of its own."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs, quote, unquote, urlsplit

ROOT = "/webhdfs/v1"


class _Answers(BaseHTTPRequestHandler):
    """Status, list and bytes of what lies below ``folder``; bytes are sent from a second address, as by a data node."""

    folder: Path

    def do_GET(self) -> None:
        address = urlsplit(self.path)
        asked = {name: values[0] for name, values in parse_qs(address.query).items()}
        inside = unquote(address.path.removeprefix(ROOT)).strip("/")
        path, op = self.folder / inside, asked["op"].upper()
        if not path.exists():
            said = {"exception": "FileNotFoundException", "javaClassName": "java.io.FileNotFoundException", "message": inside}
            return self._say(404, {"RemoteException": said})
        if op == "GETFILESTATUS":
            return self._say(200, {"FileStatus": _status(path, "")})
        if op == "LISTSTATUS":
            entries = [_status(entry, entry.name) for entry in sorted(path.iterdir())] if path.is_dir() else [_status(path, "")]
            return self._say(200, {"FileStatuses": {"FileStatus": entries}})
        if op == "GETFILEBLOCKLOCATIONS":
            return self._say(200, {"BlockLocations": {"BlockLocation": []}})  # nobody is nearer to it than others
        if op == "OPEN" and "sent" not in asked:
            self.send_response(307)
            self.send_header("Location", f"http://{self.headers['Host']}{ROOT}/{quote(inside)}?{address.query}&sent=1")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        if op == "OPEN":
            start = int(asked.get("offset", 0))
            return self._send(200, "application/octet-stream", path.read_bytes()[start:][: int(asked.get("length", 2**62))])
        return self._say(400, {"RemoteException": {"exception": "UnsupportedOperationException", "message": op}})

    def _say(self, code: int, answer: dict[str, object]) -> None:
        self._send(code, "application/json", json.dumps(answer).encode())

    def _send(self, code: int, kind: str, body: bytes) -> None:
        self.send_response(code)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *said: object) -> None:
        """Nobody reads it."""


def _status(path: Path, name: str) -> dict[str, object]:
    found = path.stat()
    kind, length = ("DIRECTORY", 0) if path.is_dir() else ("FILE", found.st_size)
    return {
        "pathSuffix": name, "type": kind, "length": length, "owner": "somebody", "group": "some", "permission": "755", "replication": 1,
        "blockSize": 134217728, "accessTime": 0, "modificationTime": int(found.st_mtime * 1000), "fileId": 0, "childrenNum": 0,
        "storagePolicy": 0,
    }


@contextmanager
def served(folder: Path) -> Iterator[str]:
    """The address of ``folder`` for Spark."""
    handler = type("_Here", (_Answers,), {"folder": folder})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield f"webhdfs://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
