"""Being asked to stop, as an event that work can look at between two steps."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def stoppable(*numbers: signal.Signals, asked: threading.Event | None = None) -> Iterator[threading.Event]:
    """`asked`, set by the signals `numbers` (SIGTERM) meanwhile, also by a SIGINT that a shell had us ignore; not
    outside the main thread, where signals cannot be heard."""
    asked = asked or threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield asked
        return
    before = {number: signal.signal(number, lambda *_: asked.set()) for number in numbers or (signal.SIGTERM,)}
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
