"""Writes each message as .eml, .html and .txt into a folder: to look at, to keep, or for a mailer to pick up."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

from alerts import render
from alerts.channels import ChannelSettings, Envelope, Post
from alerts.channels.mime import build
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
        """All of the message at once."""
        return [Post(1, tuple(item.call_id for item in message.items), None)]

    def find(self, post: Post, message: Message, envelope: Envelope) -> str:
        """Nobody can be asked."""
        return ""

    def send(self, post: Post, message: Message, envelope: Envelope) -> str:
        """Write the three files and return the path of the .eml."""
        message_id, target = envelope.message_id, envelope.target
        now = envelope.now
        address = f"{_plain(target) or 'contact'}@file.invalid"
        mail = build(message, message_id=message_id, sender=self._settings.mail_from, target=address, now=now)
        stem = f"{message.at:%Y%m%dT%H%M%SZ}-{_plain(message.subscription)}-{_plain(message_id)}"
        folder = self._settings.out_dir
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / f"{stem}.html", render.html(message, now).encode())
            _write(folder / f"{stem}.txt", render.text(message, now).encode())
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
