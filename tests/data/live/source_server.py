"""A server on this machine that speaks both documented formats, checks every signature by itself, and misbehaves on demand."""

import hashlib
import json
import threading
from collections import defaultdict
from collections.abc import Callable
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs

CUSTOMER, KEY = "CUSTOMER-0F3A", "kuaidi-key-7c1e"
CLIENT_ID, CLIENT_SECRET, ACCESS_TOKEN = "client-91", "client-secret-5d2b", "access-token-e884"
SECRETS = (CUSTOMER, KEY, CLIENT_ID, CLIENT_SECRET, ACCESS_TOKEN)
ENVIRON = {
    "PDD_AUDIT_KUAIDI100_CUSTOMER": CUSTOMER, "PDD_AUDIT_KUAIDI100_KEY": KEY, "PDD_AUDIT_PDD_CLIENT_ID": CLIENT_ID,
    "PDD_AUDIT_PDD_CLIENT_SECRET": CLIENT_SECRET, "PDD_AUDIT_PDD_ACCESS_TOKEN": ACCESS_TOKEN,
}
KUAIDI100_TRACE = {
    "message": "ok", "state": "0", "status": "200", "condition": "F00", "ischeck": "0", "com": "zhongtong", "nu": "75000000000001",
    "receiverPhone": "13800000001",
    "data": [
        {"time": "2026-11-19 20:11:00", "ftime": "2026-11-19 20:11:00", "context": "【苏州市】 快件离开 【苏州一部】", "status": "在途",
         "statusCode": "0", "areaName": "江苏,苏州市"},
        {"time": "2026-11-19 18:02:11", "ftime": "2026-11-19 18:02:11", "context": "【苏州市】【苏州一部】（051200000000）的赵测试(13800000002) 已揽收",
         "status": "揽收", "statusCode": "103", "areaName": "江苏,苏州市"},
    ],
}
PDD_NODES = [
    {"action": "GOT", "desc": "【苏州一部】已揽收", "node_description": "揽件", "status_desc": "已揽收", "status_time": "2026-11-19 18:02:11",
     "time": "2026-11-19 18:02:11", "operator_phone": "13800000003"},
]
NO_RECORD = {"result": False, "returnCode": "500", "message": "查询无结果，请隔段时间再查"}


def refused(code, message=""):
    """kuaidi100's refusal."""
    return {"result": False, "returnCode": code, "message": message}


def pdd_error(code):
    """The platform's refusal."""
    return {"error_response": {"error_code": code, "error_msg": "说明", "sub_code": str(code), "sub_msg": "说明", "request_id": "1"}}


def pdd_trace(nodes=None, key="logistics_ordertrace_get_resposne"):
    return {key: {"trace_list": PDD_NODES if nodes is None else nodes}}


class SourceServer:
    """``answers[waybill]``: what comes next for it, the last for ever: an object (HTTP 200) or a function that writes the response."""

    def __init__(self) -> None:
        self.answers: dict[str, list] = defaultdict(list)
        self.asked: list[str] = []
        self.questions: list[dict] = []
        self.paths: list[str] = []
        self.url = ""

    def next_answer(self, waybill):
        listed = self.answers[waybill]
        if not listed:
            return None
        return listed.pop(0) if len(listed) > 1 else listed[0]


class _Handler(BaseHTTPRequestHandler):
    server_version, protocol_version = "Source/1", "HTTP/1.1"

    def do_POST(self):
        source: SourceServer = self.server.source
        body = self.rfile.read(int(self.headers["Content-Length"]))
        source.paths.append(self.path)
        waybill, usual = self._kuaidi100(body) if "form" in self.headers["Content-Type"] else self._pdd(body)
        source.asked.append(waybill)
        answer = source.next_answer(waybill) if usual.get("signed") else None
        answer = usual["answer"] if answer is None else answer
        if isinstance(answer, Callable):
            answer(self)
        else:
            self.reply(200, json.dumps(answer, ensure_ascii=False).encode())

    def do_GET(self):
        self.server.source.paths.append(self.path)
        self.reply(200, b"{}")

    def _kuaidi100(self, body):
        form = {name: values[0] for name, values in parse_qs(body.decode("ascii"), strict_parsing=True).items()}
        question = json.loads(form["param"])
        self.server.source.questions.append(question)
        right = hashlib.md5((form["param"] + KEY + CUSTOMER).encode()).hexdigest().upper() == form["sign"] and form["customer"] == CUSTOMER
        return question["num"], {"signed": right, "answer": KUAIDI100_TRACE if right else refused("503", "验证签名失败")}

    def _pdd(self, body):
        fields = json.loads(body)
        self.server.source.questions.append({name: value for name, value in fields.items() if name != "sign"})
        joined = "".join(f"{name}{value}" for name, value in sorted(fields.items()) if name != "sign")
        right = hashlib.md5(f"{CLIENT_SECRET}{joined}{CLIENT_SECRET}".encode()).hexdigest().upper() == fields["sign"]
        right = right and fields["type"] == "pdd.logistics.ordertrace.get" and fields["data_type"] == "JSON"
        return fields["mail_no"], {"signed": right, "answer": pdd_trace() if right else pdd_error(20004)}

    def reply(self, status, body, **headers):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        pass  # a client that hangs up on purpose


def status(code, body=b"{}", **headers):
    """An answer with another HTTP status."""
    return lambda handler: handler.reply(code, body, **headers)


@contextmanager
def running(wrap=None):
    """A server that listens until the block ends. ``wrap(socket)``: the socket to listen on instead."""
    server = _Server(("127.0.0.1", 0), _Handler)
    if wrap:
        server.socket = wrap(server.socket)
    server.source = SourceServer()
    server.source.url = f"{'https' if wrap else 'http'}://127.0.0.1:{server.server_address[1]}/query"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server.source
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
