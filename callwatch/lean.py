"""What a short command does without: a collector that finds nothing, and parts of libraries that nobody calls."""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = 50_000
"""So many new objects before the collector of cycles looks at them; Python's own number is 700."""
_ORDINARY = gc.get_threshold()


@contextmanager
def calm() -> Iterator[None]:
    """For work that makes many objects and no cycles, as importing and planning do: all of them live on or go at
    once, and going through them in search of cycles cost a sixth of a planning."""
    gc.set_threshold(SELDOM, *_ORDINARY[1:])
    try:
        yield
    finally:
        gc.set_threshold(*_ORDINARY)


@contextmanager
def without(*names: str) -> Iterator[None]:
    """Let what is imported meanwhile believe that these packages are not installed; those that are there stay."""
    missing = [name for name in names if name not in sys.modules]
    sys.modules.update(dict.fromkeys(missing))  # type: ignore[arg-type]  # None is how Python says so
    try:
        yield
    finally:
        for name in missing:
            del sys.modules[name]
