"""Writes each message as .eml, .html and .txt into a folder: to look at, to keep, or for a mailer to pick up."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from alerts import calendar, render
from alerts.channels import ChannelSettings, Envelope, Post
from alerts.channels.email import posts
from alerts.channels.headers import Sending, address
from alerts.channels.mime import build
from alerts.channels.parts import Letter
from alerts.message import Message
from pipeline.errors import Temporary
from pipeline.text import clean


class File:
    """Writes to `out_dir`; a second attempt at a message writes the same files again."""

    name = "file"

    def __init__(self, settings: ChannelSettings) -> None:
        self._settings = settings

    def lane(self, target: str) -> str:
        """One for all."""
        return ""

    def posts(self, message: Message, envelope: Envelope) -> list[Post]:
        """The same mails as by e-mail."""
        return posts(message)

    def find(self, post: Post, message: Message, envelope: Envelope) -> str:
        """Nobody can be asked."""
        return ""

    def send(self, post: Post, message: Message, envelope: Envelope) -> str:
        """Write the three files and return the path of the .eml."""
        letter: Letter = post.body
        part = letter.part
        sending = Sending(
            envelope.message_id,
            address(self._settings.mail_from),
            f"{_plain(envelope.target) or 'contact'}@file.invalid",
            envelope.links,
            envelope.threads,
        )
        mail = build(message, letter, sending, envelope.now, calendar.of_message)
        pieces = list(render.pieces(message, part, envelope.now, envelope.links))
        stem = f"{message.at:%Y%m%dT%H%M%SZ}-{_plain(message.subscription)}-{_plain(envelope.message_id)}"
        stem += f"-{part.number}" if part.number > 1 else ""
        folder = self._settings.out_dir
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / f"{stem}.html", "".join(piece.html for piece in pieces).encode())
            _write(folder / f"{stem}.txt", "".join(piece.text for piece in pieces).encode())
            _write(folder / f"{stem}.eml", mail.as_bytes())
        except OSError as error:
            raise Temporary(f"{folder}: cannot be written to ({error.strerror or error}).") from error
        return str(folder / f"{stem}.eml")

    def close(self) -> None:
        """Nothing is kept."""


def _plain(name: str) -> str:
    """Only letters, digits and dashes: no part of a path can come from a name."""
    return "".join(c if c.isascii() and c.isalnum() else "-" for c in clean(name, 64)).strip("-")


def _write(path: Path, body: bytes) -> None:
    """A reader of the folder sees the whole file or none."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=".", suffix=".part")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(body)
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError:
        Path(name).unlink(missing_ok=True)
        raise
