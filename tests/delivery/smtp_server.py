"""An SMTP server on loopback that is stricter than most, counts what it took, and fails at any step as told.

As a process of its own: `python -m tests.delivery.smtp_server --log mails.jsonl` prints its address and writes a
line of JSON for each mail it has taken, before it says so.
"""

from __future__ import annotations

import argparse
import json
import re
import socketserver
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any, NamedTuple

ONCE = ("Message-ID", "Date", "From", "To", "Subject")
"""Headers that a mail has once, no more and no less."""


class Mail(NamedTuple):
    """One mail that was taken."""

    message_id: str
    to: str
    content: bytes


class Hangup(Exception):
    """The connection ends here."""


class MailServer:
    """`faults`: by step (connect, auth, starttls, mail, rcpt, data, body, end), what the next ones there are
    answered; `refuse`: the same by recipient, the last one for ever.

    An answer is a line of SMTP; "" for none out of the ordinary; "drop": the connection ends; "hang": nothing is
    answered until `release`, or the client goes; "lost" (at end): the mail is taken, and the connection ends.
    """

    def __init__(self, port: int = 0, log: Path | None = None, texts: bool = False) -> None:
        self.mails: list[Mail] = []
        self.complaints: list[str] = []
        self.faults: dict[str, list[str]] = {}
        self.refuse: dict[str, list[str]] = {}
        self.connections, self.slow = 0, 0.0
        self.passwords: list[str] = []
        self.offers: tuple[str, ...] = ("8BITMIME", "SIZE 10000000", "AUTH PLAIN")
        self.release = threading.Event()
        self.lock = threading.Lock()
        self._log, self._texts = log.open("a", encoding="utf-8") if log else None, texts
        handler = type("Session", (_Session,), {"box": self})
        kind = type(
            "Server", (socketserver.ThreadingTCPServer,), {"daemon_threads": True, "request_queue_size": 64}
        )
        kind.allow_reuse_address = True
        self._server = kind(("127.0.0.1", port), handler)
        self.port: int = self._server.server_address[1]
        self.url = f"smtp://127.0.0.1:{self.port}"

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self) -> None:
        self.release.set()
        self._server.shutdown()
        self._server.server_close()
        if self._log:
            self._log.close()

    def fault(self, step: str) -> str:
        with self.lock:
            waiting = self.faults.get(step)
            return waiting.pop(0) if waiting else ""

    def refusal(self, recipient: str) -> str:
        with self.lock:
            answers = self.refuse.get(recipient)
            if not answers:
                return ""
            return answers.pop(0) if len(answers) > 1 else answers[0]

    def take(self, recipients: list[str], content: bytes) -> None:
        """A server with a log keeps nothing else, and reads headers only, lest it should be what a load test
        measures."""
        parsed = message_from_bytes(content.partition(b"\r\n\r\n")[0])
        complaints = [f"{len(parsed.get_all(h, []))} x {h}" for h in ONCE if len(parsed.get_all(h, [])) != 1]
        with self.lock:
            self.complaints += complaints
            for recipient in recipients:
                mail = Mail(str(parsed["Message-ID"]).strip(), recipient, content)
                if self._log:
                    self._log.write(json.dumps(self._noted(mail)) + "\n")
                    self._log.flush()
                else:
                    self.mails.append(mail)

    def _noted(self, mail: Mail) -> dict[str, Any]:
        row = {"id": mail.message_id, "to": mail.to, "size": len(mail.content), "at": time.time()}
        if not self._texts:
            return row
        text = message_from_bytes(mail.content, policy=policy.SMTP).get_body(("plain",))
        return row | {"text": text.get_content()} if text else row


class _Session(socketserver.StreamRequestHandler):
    box: MailServer

    def handle(self) -> None:
        with self.box.lock:
            self.box.connections += 1
        self.sender, self.recipients = "", []
        try:
            self._say(self._step("connect") or "220 box.example ESMTP")
            while line := self.rfile.readline(2000):
                command, _, rest = line.decode("ascii", "replace").strip().partition(" ")
                answer = getattr(self, f"do_{command.lower()}", self._unknown)(rest)
                self._say(answer)
                if answer.startswith(("221", "421")):
                    return
        except (Hangup, OSError):
            pass

    def _say(self, answer: str) -> None:
        self.wfile.write(answer.encode() + b"\r\n")

    def _step(self, name: str) -> str:
        fault = self.box.fault(name)
        if fault == "hang":
            self.box.release.wait()
            return ""
        if fault == "drop":
            raise Hangup
        return fault

    def _unknown(self, _: str) -> str:
        return "500 what?"

    def do_ehlo(self, _: str) -> str:
        lines = ["box.example", *self.box.offers]
        return "\r\n".join(f"250{'-' if n < len(lines) else ' '}{line}" for n, line in enumerate(lines, 1))

    def do_auth(self, rest: str) -> str:
        with self.box.lock:
            self.box.passwords.append(rest)
        return self._step("auth") or "235 welcome"

    def do_starttls(self, _: str) -> str:
        return self._step("starttls") or "454 not now"

    def do_noop(self, _: str) -> str:
        return "250 OK"

    def do_rset(self, _: str) -> str:
        self.sender, self.recipients = "", []
        return "250 OK"

    def do_quit(self, _: str) -> str:
        return "221 bye"

    def do_mail(self, rest: str) -> str:
        if self.sender:
            return "503 one mail at a time"
        found = re.match(r"FROM:<([^<>\s]+@[^<>\s]+)>", rest, re.IGNORECASE)
        if not found:
            return "501 from whom?"
        fault = self._step("mail")
        self.sender = "" if fault else found[1]
        return fault or "250 OK"

    def do_rcpt(self, rest: str) -> str:
        found = re.match(r"TO:<([^<>\s]+@[^<>\s]+)>", rest, re.IGNORECASE)
        if not self.sender or not found:
            return "503 first MAIL, then RCPT TO:<somebody>"
        fault = self.box.refusal(found[1]) or self._step("rcpt")
        if not fault:
            self.recipients.append(found[1])
        return fault or "250 OK"

    def do_data(self, _: str) -> str:
        if not self.recipients:
            return "503 to whom?"
        if fault := self._step("data"):
            return fault
        self._say("354 go on")
        content = self._content()
        recipients, self.sender, self.recipients = self.recipients, "", []
        fault = self.box.fault("end")
        if fault == "drop":
            raise Hangup
        if fault == "hang":
            self.box.release.wait()
        elif fault not in ("", "lost"):
            return fault
        self.box.take(recipients, content)
        if fault == "lost":
            raise Hangup
        time.sleep(self.box.slow)
        return "250 taken"

    def _content(self) -> bytes:
        hangup = self.box.fault("body") == "drop"
        lines = []
        while line := self.rfile.readline(20_000):
            if hangup:
                raise Hangup
            if line == b".\r\n":
                return b"".join(lines)
            if not line.endswith(b"\r\n") or len(line) > 1000:
                self.box.complaints.append(f"a line of {len(line)} bytes, ending in {line[-2:]!r}")
            lines.append(line.removeprefix(b"."))
        raise Hangup


@contextmanager
def mail_server(**given: Any) -> Iterator[MailServer]:
    """A server in a thread of this process."""
    server = MailServer(**given)
    server.start()
    try:
        yield server
    finally:
        server.stop()


def main() -> None:
    parser = argparse.ArgumentParser(description="A strict SMTP server on loopback.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--log", type=Path)
    parser.add_argument("--slow", type=float, default=0.0, help="seconds until it says that it took a mail")
    parser.add_argument("--texts", action="store_true", help="note what can be read in each mail, too")
    given = parser.parse_args()
    server = MailServer(given.port, given.log, given.texts)
    server.slow = given.slow
    server.start()
    print(server.url, flush=True)  # noqa: T201
    threading.Event().wait()


if __name__ == "__main__":
    main()
