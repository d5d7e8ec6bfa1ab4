"""Where the texts of labelled calls are found. Sets hold references only: the texts belong to the portals.

A source is a file or a folder of JSON, JSON Lines or either gzipped, whose objects have a reference (`reference`,
`id` or `ref`), a title and a text (`description`, `abstract`, `text` or `objectives`, HTML or plain). Objects of
another shape are passed over. Of several texts of one call the longest is taken; the store goes before all.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from pipeline.errors import ConfigError
from pipeline.evaluate.labelled import Labelled
from pipeline.models import Call, Kind
from pipeline.store import Store, calls
from pipeline.text import clean, html_to_text

Programmes = Mapping[str, tuple[str, str]]

ENDS = (".json", ".jsonl", ".json.gz", ".jsonl.gz")
_REFERENCE = ("reference", "id", "ref")
_IDENTIFIER = ("topicId", "identifier")
_TEXT = ("description", "abstract", "text", "objectives")
_KINDS = {"8": Kind.CASCADE, "2": Kind.EXTERNAL_ACTION}
_KIND_OF_REFERENCE = {"COMPETITIVE_CALL": Kind.CASCADE, "PROSPECTS": Kind.EXTERNAL_ACTION}


class Library:
    """Calls by reference and, if they are topics, by identifier (cascade calls bear the one of their parent)."""

    def __init__(self, programmes: Programmes) -> None:
        self._programmes = programmes
        self._known: dict[str, Call] = {}
        self._stored: dict[str, Call] = {}

    def add_store(self, store: Store) -> None:
        """Take what the store knows."""
        with store.read() as conn:
            for stored in calls.query(conn):
                call = stored.call
                names = {call.reference, *call.sources} | ({call.identifier} if call.kind is Kind.TOPIC else set())
                self._stored.update((name.upper(), call) for name in names if name)

    def add(self, source: Path) -> None:
        """Take every call of a file or folder; raises ConfigError if it cannot be read."""
        for path in _files(source):
            for row in _objects(path):
                call = as_call(row, self._programmes)
                if call is not None:
                    self._keep(call)

    def find(self, labelled: Labelled) -> Call | None:
        """The call as it is to be classified; a text that the set brings itself is taken first."""
        if labelled.text or labelled.title:
            return as_call(msgspec.to_builtins(labelled), self._programmes)
        names = [name.upper() for name in (labelled.ref, labelled.identifier) if name]
        for shelf in (self._stored, self._known):
            for name in names:
                if name in shelf:
                    return shelf[name]
        return None

    def _keep(self, call: Call) -> None:
        for name in (call.reference, call.identifier if call.kind is Kind.TOPIC else ""):
            known = self._known.get(name.upper())
            if name and (known is None or len(call.text) >= len(known.text)):
                self._known[name.upper()] = call


def as_call(row: Mapping[str, Any], programmes: Programmes) -> Call | None:
    """A call with what the classifier looks at; None if `row` is no call."""
    reference, title = _first(row, _REFERENCE), _first(row, ("title",))
    text = _first(row, _TEXT)
    if not (title or text) or not (reference or _first(row, _IDENTIFIER)):
        return None
    return Call(
        portal="",
        reference=reference,
        identifier=_first(row, _IDENTIFIER),
        kind=_kind(row, reference),
        title=clean(title),
        language="en",
        url="",
        programme=_programme(row, programmes),
        text=html_to_text(text),
    )


def _first(row: Mapping[str, Any], names: Iterable[str]) -> str:
    return next((value for name in names if isinstance(value := row.get(name), str) and value.strip()), "")


def _kind(row: Mapping[str, Any], reference: str) -> Kind:
    given = row.get("kind")
    if isinstance(given, Mapping):
        return _KINDS.get(str(given.get("id")), Kind.TOPIC)
    if given in list(Kind):
        return Kind(given)
    fitting = (kind for mark, kind in _KIND_OF_REFERENCE.items() if mark in reference.upper())
    return next(fitting, Kind.TOPIC)


def _programme(row: Mapping[str, Any], programmes: Programmes) -> str:
    listed = row.get("frameworkProgrammes")
    first = listed[0] if isinstance(listed, list) and listed else {}
    code = str(first.get("id", "")) if isinstance(first, Mapping) else ""
    code = code or _first(row, ("programmeId",))
    return programmes[code][0] if code in programmes else _first(row, ("programme",)) if not code else ""


def _files(source: Path) -> list[Path]:
    if source.is_dir():
        return [path for path in sorted(source.rglob("*")) if path.name.endswith(ENDS) and path.is_file()]
    if not source.is_file():
        raise ConfigError(f"{source}: no such file or folder. Name one that holds texts of calls.")
    return [source]


def _objects(path: Path) -> Iterator[Mapping[str, Any]]:
    try:
        body = path.read_bytes()
        body = gzip.decompress(body) if path.suffix == ".gz" else body
        found = _decode(body, lines=".jsonl" in path.suffixes)
    except (OSError, EOFError, zlib.error, msgspec.DecodeError) as error:
        raise ConfigError(f"{path}: cannot be read as JSON ({error}).") from error
    return (each for each in found if isinstance(each, Mapping))


def _decode(body: bytes, *, lines: bool) -> list[Any]:
    """The objects of a file: its lines, its array, or the array under `grants` of a snapshot of a day."""
    if lines:
        return [msgspec.json.decode(line) for line in body.splitlines() if line.strip()]
    whole = msgspec.json.decode(body)
    if isinstance(whole, Mapping):
        whole = whole.get("grants")
    return whole if isinstance(whole, list) else []
