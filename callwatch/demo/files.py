"""Records from a file: a list of items, a saved answer of the portal, or JSON Lines; each also gzipped."""

from __future__ import annotations

import gzip
import zlib
from pathlib import Path
from typing import Any

import orjson

from pipeline.errors import ConfigError

_GZIP = b"\x1f\x8b"


def read_records(path: Path) -> list[dict[str, Any]]:
    """The items of a file. Raises ConfigError that names the file, the place in it and what would be right."""
    try:
        data = path.read_bytes()
        # By its first bytes, not by its name: saved answers are often misnamed.
        data = gzip.decompress(data) if data.startswith(_GZIP) else data
    except (OSError, EOFError, zlib.error) as error:
        raise ConfigError(f"{path}: cannot be read ({error}).") from error
    items = _items(path, data)
    for place, item in enumerate(items, 1):
        if not isinstance(item, dict):
            raise ConfigError(
                f"{path}: item {place} is {type(item).__name__}, not an object of the portal's results."
            )
    return items


def _items(path: Path, data: bytes) -> list[Any]:
    try:
        whole = orjson.loads(data)
    except orjson.JSONDecodeError as error:
        return _lines(path, data, error)
    if isinstance(whole, dict) and "results" in whole:
        whole = whole["results"]
    elif isinstance(whole, dict):
        whole = [whole]
    if not isinstance(whole, list):
        raise ConfigError(f"{path}: holds {type(whole).__name__}; expected a list of items or a saved answer.")
    return whole


def _lines(path: Path, data: bytes, whole: orjson.JSONDecodeError) -> list[Any]:
    """JSON Lines. A file whose first line is no JSON either is reported as the broken JSON it is."""
    items = []
    for place, line in enumerate(data.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            items.append(orjson.loads(line))
        except orjson.JSONDecodeError as error:
            reason = whole if not items else error
            raise ConfigError(f"{path}: line {place}: neither JSON nor JSON Lines ({reason}).") from error
    return items
