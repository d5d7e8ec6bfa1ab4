"""An IMAP server on loopback as strict as RFC 3501 for what a reader of bounces says; anything else is BAD."""

from __future__ import annotations

import re
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager

USER, PASSWORD = "alerts@callwatch.example", 'pass "word'
_LINE = re.compile(rb"([A-Z0-9]+) (.+)\r\n")
_LOGIN = re.compile(r'LOGIN (\S+) "((?:[^"\\]|\\.)*)"')
_FETCH = re.compile(r"UID FETCH (\d+) \(BODY\.PEEK\[\]<0\.(\d+)>\)")
_STORE = re.compile(r"UID STORE (\d+) \+FLAGS\.SILENT \(\\Seen\)")


class Mailbox:
    """Mails by their lasting number; `seen` are those marked as read, `said` all commands without passwords.

    `drop_at` hangs up when this command comes; `refuse` answers it NO.
    """

    def __init__(self) -> None:
        self.mails: dict[int, bytes] = {}
        self.seen: set[int] = set()
        self.said: list[str] = []
        self.drop_at = ""
        self.refuse = ""
        self.folder = "INBOX"


class _Session(socketserver.StreamRequestHandler):
    state = "not authenticated"

    def handle(self) -> None:
        box: Mailbox = self.server.box  # type: ignore[attr-defined]
        self.wfile.write(b"* OK IMAP4rev1 ready\r\n")
        while line := self.rfile.readline(65_536):
            match = _LINE.fullmatch(line)
            if match is None:
                self.wfile.write(b"* BAD line\r\n")
                return
            tag, command = match.group(1).decode(), match.group(2).decode("ascii")
            box.said.append(command.split()[0] if command.startswith("LOGIN") else command)
            if box.drop_at and command.startswith(box.drop_at):
                return
            refused = box.refuse and command.startswith(box.refuse)
            verdict = "NO not now" if refused else self._answer(box, command)
            self.wfile.write(f"{tag} {verdict}\r\n".encode())
            if command == "LOGOUT":
                return

    def _answer(self, box: Mailbox, command: str) -> str:
        if command == "CAPABILITY":
            return self._say(b"* CAPABILITY IMAP4rev1\r\n")
        if command == "LOGOUT":
            return self._say(b"* BYE\r\n")
        if login := _LOGIN.fullmatch(command):
            return self._log_in(login.group(1), re.sub(r"\\(.)", r"\1", login.group(2)))
        if self.state == "not authenticated":
            return "BAD log in first"
        if command.startswith("SELECT "):
            if command != f'SELECT "{box.folder}"':
                return "NO no such folder"
            self.state = "selected"
            return self._say(f"* {len(box.mails)} EXISTS\r\n* FLAGS (\\Seen)\r\n".encode())
        return self._selected(box, command) if self.state == "selected" else "BAD select first"

    def _log_in(self, user: str, password: str) -> str:
        if (user, password) != (USER, PASSWORD):
            return "NO [AUTHENTICATIONFAILED] wrong"
        self.state = "authenticated"
        return "OK done"

    def _selected(self, box: Mailbox, command: str) -> str:
        if command == "UID SEARCH UNSEEN":
            numbers = " ".join(str(number) for number in sorted(box.mails) if number not in box.seen)
            return self._say(f"* SEARCH {numbers}".rstrip().encode() + b"\r\n")
        if fetch := _FETCH.fullmatch(command):
            number = int(fetch.group(1))
            if number not in box.mails:
                return "OK done"
            mail = box.mails[number][: int(fetch.group(2))]
            head = f"* {number} FETCH (UID {number} BODY[]<0> {{{len(mail)}}}\r\n".encode()
            return self._say(head + mail + b")\r\n")
        if store := _STORE.fullmatch(command):
            box.seen.add(int(store.group(1)))
            return "OK done"
        return "BAD unknown command"

    def _say(self, lines: bytes) -> str:
        self.wfile.write(lines)
        return "OK done"


class _Server(socketserver.ThreadingTCPServer):
    allow_reuse_address = True
    daemon_threads = True


@contextmanager
def imap_server() -> Iterator[tuple[Mailbox, str]]:
    """The mailbox and the address of its server."""
    box = Mailbox()
    with _Server(("127.0.0.1", 0), _Session) as server:
        server.box = box  # type: ignore[attr-defined]
        thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
        thread.start()
        try:
            user = USER.replace("@", "%40")
            yield box, f"imap://{user}@127.0.0.1:{server.server_address[1]}/INBOX"
        finally:
            server.shutdown()
            thread.join()
