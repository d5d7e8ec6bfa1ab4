"""Shows messages as plain text of at most 80 columns, on a terminal or into a pipe."""

from __future__ import annotations

from alerts import render
from alerts.channels import ChannelSettings, Envelope, Post
from alerts.message import Message
from pipeline.errors import Temporary
from pipeline.text import clean


class Console:
    """Writes to the stream of the settings (standard output)."""

    name = "console"

    def __init__(self, settings: ChannelSettings) -> None:
        self._stream = settings.stream
        self._clock = settings.clock

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
        """Write the message; its id is all that a console can give back."""
        page = render.text(message, envelope.now, envelope.links)
        subject = render.fold(render.subject(message, envelope.now), "Subject: ", "  ")
        encoding = getattr(self._stream, "encoding", None) or "utf-8"
        shown = f"To: {clean(message.contact, 70)}\n{subject}\n\n{page}\n"
        try:
            self._stream.write(shown.encode(encoding, "replace").decode(encoding))
            self._stream.flush()
        except OSError as error:
            raise Temporary(f"the console cannot be written to: {error.strerror or error}") from error
        return envelope.message_id

    def close(self) -> None:
        """Nothing is kept; the stream belongs to somebody else."""
