"""Where mails are read from: an mbox file, a Maildir, a folder of .eml files, one mail, standard input, IMAP."""

from __future__ import annotations

import imaplib
import mailbox
import ssl
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from callwatch.returned import LIMIT
from pipeline.errors import CallwatchError, ConfigError
from pipeline.text import clean

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
TIMEOUT = 60.0
REMEDY = "write it as imaps://user@host/INBOX"


class Mail(NamedTuple):
    """A mail with its name in the mailbox; `mark` marks it as read, where there is such a thing."""

    name: str
    data: bytes
    mark: Callable[[], None]


class Unread(CallwatchError):
    """The mailbox broke off; what was read until then is kept."""

    exit_code = 3


class Place(NamedTuple):
    """A mailbox on an IMAP server."""

    host: str
    port: int
    secure: bool
    user: str
    folder: str


def mails(source: str, password: SecretStr | None) -> Iterator[Mail]:
    """All mails of `source`; of an IMAP mailbox those that are not marked as read.

    Raises ConfigError for a source that cannot be used, Unread when it breaks off.
    """
    if source == "-":
        yield Mail("-", sys.stdin.buffer.read(LIMIT), _nothing)
    elif "://" in source:
        yield from _imap(place(source), password)
    else:
        yield from _files(Path(source))


def _nothing() -> None:
    """Files are left as they are."""


def _files(path: Path) -> Iterator[Mail]:
    try:
        if path.is_dir():
            yield from _maildir(path) if (path / "cur").is_dir() else _folder(path)
        elif _is_mbox(path):
            yield from _mbox(path)
        else:
            yield Mail(path.name, _head(path), _nothing)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror or error}).") from error


def _is_mbox(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(5) == b"From "


def _head(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(LIMIT)


def _folder(path: Path) -> Iterator[Mail]:
    for each in sorted(path.glob("*.eml")):
        yield Mail(each.name, _head(each), _nothing)


def _mbox(path: Path) -> Iterator[Mail]:
    box = mailbox.mbox(path, create=False)
    try:
        for number, key in enumerate(box.iterkeys(), start=1):
            with box.get_file(key) as file:
                yield Mail(f"{path.name}, mail {number}", file.read(LIMIT), _nothing)
    finally:
        box.close()


def _maildir(path: Path) -> Iterator[Mail]:
    for folder in ("new", "cur"):
        for each in sorted((path / folder).glob("*")):
            yield Mail(each.name, _head(each), _nothing)


def place(source: str) -> Place:
    """Read the address of an IMAP mailbox. Raises ConfigError, whose text never repeats it (passwords)."""
    parts = urlsplit(source)
    try:
        port = parts.port
    except ValueError as error:
        raise ConfigError(f"the port of the mailbox is not a number; {REMEDY}.") from error
    user, folder = unquote(parts.username or ""), unquote(parts.path.strip("/")) or "INBOX"
    if parts.scheme not in ("imap", "imaps") or not parts.hostname or not user:
        raise ConfigError(f"this is not the address of a mailbox; {REMEDY}.")
    if parts.password is not None:
        raise ConfigError(f"a password in the address would be seen by others; {REMEDY} and set {_SETTING}.")
    if parts.scheme == "imap" and parts.hostname not in LOOPBACK:
        raise ConfigError(f"a password is never sent without TLS; {REMEDY}.")
    if not all(word.isascii() and word.isprintable() for word in (user, folder)) or set(user) & set(' "\\(){%*'):
        raise ConfigError(f"the user or folder of the mailbox has a character that IMAP does not take; {REMEDY}.")
    secure = parts.scheme == "imaps"
    return Place(parts.hostname, port or (993 if secure else 143), secure, user, folder)


_SETTING = "CALLWATCH_IMAP_PASSWORD"


def _imap(where: Place, password: SecretStr | None) -> Iterator[Mail]:
    if password is None:
        raise ConfigError(f"{_SETTING} is not set: the password of {where.user} at {where.host}.")
    with _broken_off(where):
        server = _connect(where)
        try:
            _log_in(server, where, password)
            for number in _unread(server):
                yield Mail(
                    f"{where.folder}, mail {number}", _fetch(server, number), _marker(server, number, where)
                )
        finally:
            _leave(server)


@contextmanager
def _broken_off(where: Place) -> Iterator[None]:
    try:
        yield
    except (imaplib.IMAP4.error, OSError) as error:
        why = clean(str(error), 200) or type(error).__name__
        raise Unread(f"the mailbox at {where.host}:{where.port} cannot be read ({why}).") from error


def _connect(where: Place) -> imaplib.IMAP4:
    if not where.secure:
        return imaplib.IMAP4(where.host, where.port, timeout=TIMEOUT)
    trust = ssl.create_default_context()
    return imaplib.IMAP4_SSL(where.host, where.port, ssl_context=trust, timeout=TIMEOUT)


def _log_in(server: imaplib.IMAP4, where: Place, password: SecretStr) -> None:
    try:
        server.login(where.user, password.get_secret_value())
    except imaplib.IMAP4.abort:
        raise
    except imaplib.IMAP4.error as error:
        problem = f"the mailbox of {where.user} at {where.host} refuses the password ({_SETTING})."
        raise ConfigError(problem) from error
    quoted = '"{}"'.format(where.folder.replace("\\", "\\\\").replace('"', '\\"'))
    if server.select(quoted)[0] != "OK":
        raise ConfigError(f'there is no folder "{where.folder}" in the mailbox of {where.user} at {where.host}.')


def _unread(server: imaplib.IMAP4) -> list[str]:
    """The lasting numbers of mails that nobody has read."""
    found = _asked(server, "SEARCH", "UNSEEN")
    return [number for line in found if line for number in line.decode("ascii", "replace").split()]


def _fetch(server: imaplib.IMAP4, number: str) -> bytes:
    """The mail, not marked as read by that."""
    answer = _asked(server, "FETCH", number, f"(BODY.PEEK[]<0.{LIMIT}>)")
    return next((part[1] for part in answer if isinstance(part, tuple)), b"")


def _marker(server: imaplib.IMAP4, number: str, where: Place) -> Callable[[], None]:
    def mark() -> None:
        with _broken_off(where):
            _asked(server, "STORE", number, "+FLAGS.SILENT", r"(\Seen)")

    return mark


def _asked(server: imaplib.IMAP4, command: str, *arguments: str) -> list[Any]:
    """The answer to a command about mails by their lasting numbers; a refusal is an error."""
    verdict, answer = server.uid(command, *arguments)
    if verdict != "OK":
        raise imaplib.IMAP4.error(f"{command} was refused: {answer[-1]!r}")
    return answer


def _leave(server: imaplib.IMAP4) -> None:
    try:
        server.logout()
    except (imaplib.IMAP4.error, OSError):
        server.shutdown()
