"""How values lie in the database: JSON as text, and compressed where it is long."""

from __future__ import annotations

import sys
import threading
from typing import Any, TypeVar

import msgspec

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

T = TypeVar("T")

# Level 3 costs a third more time for 4 % less space on texts of 14 KB; negative levels are larger and no quicker.
_LEVEL = 1
# Differences are made at night.
_THOROUGH, _HARDEST = 3, 19

ZSTD = b"\x28\xb5\x2f\xfd"
"""The first bytes of every zstd frame."""

# A compressor with its tables is expensive to build and not to be shared between threads in mid-frame.
_local = threading.local()


def compress(data: bytes) -> bytes:
    """One zstd frame."""
    compressor: zstd.ZstdCompressor | None = getattr(_local, "compressor", None)
    if compressor is None:
        compressor = _local.compressor = zstd.ZstdCompressor(level=_LEVEL)
    return compressor.compress(data, zstd.ZstdCompressor.FLUSH_FRAME)


def decompress(data: bytes) -> bytes:
    """The inverse of `compress`."""
    return zstd.decompress(data)


def compress_after(data: bytes, base: bytes) -> bytes:
    """One zstd frame that holds what `data` does not share with `base`; where they are alike, next to nothing."""
    return zstd.compress(data, _THOROUGH, zstd_dict=zstd.ZstdDict(base, is_raw=True).as_prefix)


def press(data: bytes) -> bytes:
    """A frame made smaller, for what is hardly ever read again; four milliseconds for 14 KB."""
    return zstd.compress(zstd.decompress(data), _HARDEST)


def decompress_after(data: bytes, base: bytes) -> bytes:
    """The inverse of `compress_after`, with the same `base`."""
    return zstd.decompress(data, zstd.ZstdDict(base, is_raw=True).as_prefix)


def pack(value: Any) -> bytes:
    """JSON of a struct, compressed."""
    return compress(msgspec.json.encode(value))


def unpack(data: bytes, kind: type[T], base: bytes | None = None) -> T:
    """The inverse of `pack`; with the packed `base` to which `data` were made a difference by `differ`."""
    whole = zstd.decompress(data) if base is None else decompress_after(data, zstd.decompress(base))
    return msgspec.json.decode(whole, type=kind)


def differ(data: bytes, base: bytes) -> bytes:
    """Compressed `data` as their difference to the compressed `base`."""
    return compress_after(decompress(data), decompress(base))


def to_text(value: Any) -> str | None:
    """JSON text of a value; None stays NULL."""
    return None if value is None else msgspec.json.encode(value).decode()


def from_text(text: str | None, kind: type[T]) -> T | None:
    """The inverse of `to_text`."""
    return None if text is None else msgspec.json.decode(text, type=kind)
