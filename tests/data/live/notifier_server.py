"""Servers on this machine that stand for each program: three group robots over HTTP that check what they get, and a mail server."""

import base64
import hashlib
import hmac
import json
import socketserver
import threading
from collections import defaultdict
from contextlib import contextmanager
from email import message_from_string
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

TOKENS = {"dingtalk": "d1ngT0ken4a7f", "wecom": "wec0m-key-77", "feishu": "fe1shu-t0ken-9"}
SECRET = "SECd1ng5ecret"
MAIL_PASSWORD = "ma1l-pa55"
SECRETS = (*TOKENS.values(), SECRET, MAIL_PASSWORD)
REFUSALS = {"dingtalk": {"errcode": 310000, "errmsg": "keywords not in content"}, "wecom": {"errcode": 45009}, "feishu": {"code": 9499}}
GOOD = {"dingtalk": {"errcode": 0, "errmsg": "ok"}, "wecom": {"errcode": 0}, "feishu": {"code": 0, "msg": "success"}}


class Programs:
    """``texts[program]``: what was accepted, in order. ``moods[program]``: "" accepts; "refuse" answers 200 with a refusal, "busy" 503,
    "break" takes the message and hangs up, "odd" answers what nobody understands."""

    def __init__(self) -> None:
        self.texts = defaultdict(list)
        self.files = []  # name, type and bytes of what came with mails
        self.moods = defaultdict(str)
        self.url = ""
        self.mail_port = 0

    def environ(self, *programs):
        urls = {
            "dingtalk": f"dingtalk://{SECRET}@{TOKENS['dingtalk']}", "wecom": f"wecombot://{TOKENS['wecom']}",
            "feishu": f"feishu://{TOKENS['feishu']}",
            "email": f"mailto://127.0.0.1:{self.mail_port}?from=watch@example.com&to=boss@example.com",
        }
        return {"PDD_AUDIT_NOTIFY": " ".join(urls[name] for name in programs or urls)}


class _Robot(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        programs: Programs = self.server.programs
        address = urlsplit(self.path)
        program = address.path.strip("/").split("/")[0]
        message = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if not self._right(program, address):
            return self._reply(200, json.dumps(REFUSALS[program]).encode())
        text = message["content"]["text"] if program == "feishu" else message["text"]["content"]
        mood = programs.moods[program]
        if mood == "refuse":
            return self._reply(200, json.dumps(REFUSALS[program]).encode())
        if mood == "busy":
            return self._reply(503, b"")
        programs.texts[program].append(text)
        if mood == "break":
            self.close_connection = True
            return None
        return self._reply(200, b"<html>" if mood == "odd" else json.dumps(GOOD[program]).encode())

    def _right(self, program, address):
        asked = parse_qs(address.query)
        if program == "dingtalk":
            stamp = asked["timestamp"][0]
            sign = base64.b64encode(hmac.new(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), hashlib.sha256).digest()).decode()
            return asked["access_token"] == [TOKENS[program]] and asked["sign"] == [sign]
        if program == "wecom":
            return asked["key"] == [TOKENS[program]]
        return address.path == f"/feishu/{TOKENS[program]}"

    def _reply(self, status, body):
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        """Quiet."""


class _Mail(socketserver.StreamRequestHandler):
    def handle(self):
        programs: Programs = self.server.programs
        self._say("220 here")
        while line := self.rfile.readline().decode():
            word = line[:4].upper()
            if word == "QUIT":
                return self._say("221 bye")
            if word == "MAIL" and programs.moods["email"] == "busy":
                self._say("451 later")
            elif word == "DATA":
                self._say("354 go on")
                lines = []
                while (part := self.rfile.readline().decode()) != ".\r\n":
                    lines.append(part)
                if programs.moods["email"] == "refuse":
                    self._say("554 no")
                    continue
                message = message_from_string("".join(lines))
                body = next(part for part in message.walk() if part.get_content_type() == "text/plain")
                programs.files += [
                    (part.get_filename(), part.get_content_type(), part.get_payload(decode=True))
                    for part in message.walk() if part.get_filename()
                ]
                programs.texts["email"].append(body.get_payload(decode=True).decode())
                if programs.moods["email"] == "break":
                    return None
                self._say("250 taken")
            else:
                self._say("250 ok")
        return None

    def _say(self, text):
        self.wfile.write(f"{text}\r\n".encode())


class _MailServer(socketserver.ThreadingTCPServer):
    daemon_threads = allow_reuse_address = True


@contextmanager
def programs_running(monkeypatch):
    """The servers, with apprise's own addresses turned to them."""
    from apprise.plugins.dingtalk import NotifyDingTalk
    from apprise.plugins.feishu import NotifyFeishu
    from apprise.plugins.wecombot import NotifyWeComBot

    programs = Programs()
    web, mail = ThreadingHTTPServer(("127.0.0.1", 0), _Robot), _MailServer(("127.0.0.1", 0), _Mail)
    for server in (web, mail):
        server.programs = programs
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    programs.url, programs.mail_port = f"http://127.0.0.1:{web.server_port}", mail.server_address[1]
    monkeypatch.setattr(NotifyDingTalk, "notify_url", f"{programs.url}/dingtalk/send?access_token={{token}}")
    monkeypatch.setattr(NotifyWeComBot, "notify_url", f"{programs.url}/wecom/send?key={{key}}")
    monkeypatch.setattr(NotifyFeishu, "notify_url", f"{programs.url}/feishu/{{token}}/")
    try:
        yield programs
    finally:
        for server in (web, mail):
            server.shutdown()
            server.server_close()
