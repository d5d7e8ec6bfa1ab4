"""Labelled sets: what readers said of each call. JSON Lines, or one JSON array of the same objects.

    {"ref", "identifier", "eco": [primary first], "eco_a", "eco_b", "s3": {"SE332": {"score", "a", "b"}}, "kind",
     "title", "text", "programme"}

Everything but `eco` and one of `ref` and `identifier` may be missing; other keys are left alone. `eco_a` and
`eco_b` are the two readers' own labels, `eco` what counts. A score may stand alone: {"SE332": 2}.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from pipeline.errors import ConfigError
from pipeline.yaml_data import unknown

MAX_SCORE = 3
_LAST_NUMBER = re.compile(r"[-_]?\d+$")


class Relevance(msgspec.Struct, frozen=True):
    """S3 relevance of a call for one region, 0 to 3: what counts, and what each reader said."""

    score: int
    a: int | None = None
    b: int | None = None


class Labelled(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a set. `ref` is the portal's; `text` and `title` only where the set brings them itself."""

    ref: str = ""
    identifier: str = ""
    eco: tuple[str, ...]
    eco_a: tuple[str, ...] | None = None
    eco_b: tuple[str, ...] | None = None
    s3: dict[str, Relevance] = {}
    kind: str = ""
    title: str = ""
    text: str = ""
    programme: str = ""

    @property
    def name(self) -> str:
        """How the call is named to a reader."""
        return self.identifier or self.ref

    @property
    def twice(self) -> bool:
        """Whether two readers have labelled it, each for themselves."""
        return self.eco_a is not None and self.eco_b is not None


def family(identifier: str) -> str:
    """The call family of a topic: its identifier without the last number. Sister topics share text and fate."""
    return _LAST_NUMBER.sub("", identifier.upper())


def parse(body: bytes, source: str, ecosystems: Iterable[str]) -> list[Labelled]:
    """The calls of a set; `source` names it in errors, `ecosystems` are the known ids.

    Raises ConfigError with source and line (in an array: number of the call) of the first mistake.
    """
    known = set(ecosystems)
    return [_one(row, f"{source}:{place}", known) for place, row in _rows(body, source)]


def _rows(body: bytes, source: str) -> list[tuple[int, Any]]:
    try:
        if body.lstrip()[:1] == b"[":
            return list(enumerate(msgspec.json.decode(body, type=list[Any]), 1))
    except msgspec.DecodeError as error:
        raise ConfigError(f"{source}: not valid JSON: {error}") from error
    rows = []
    for number, line in enumerate(body.splitlines(), 1):
        if line.strip():
            try:
                rows.append((number, msgspec.json.decode(line)))
            except msgspec.DecodeError as error:
                raise ConfigError(f"{source}:{number}: not valid JSON: {error}") from error
    return rows


def _one(row: Any, place: str, known: set[str]) -> Labelled:
    if not isinstance(row, Mapping):
        raise ConfigError(f'{place}: a call is an object like {{"ref": ..., "eco": [...]}}.')
    given = dict(row)
    scores = given.get("s3") or {}
    if isinstance(scores, Mapping):
        given["s3"] = {region: {"score": s} if isinstance(s, int) else s for region, s in scores.items()}
    try:
        labelled = msgspec.convert(given, Labelled)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{place}: {error}") from error
    _check(labelled, place, known)
    return labelled


def _check(labelled: Labelled, place: str, known: set[str]) -> None:
    if not labelled.name:
        raise ConfigError(f"{place}: neither `ref` nor `identifier`: write one of them.")
    for label in (*labelled.eco, *(labelled.eco_a or ()), *(labelled.eco_b or ())):
        if label not in known:
            raise ConfigError(f"{place}: {unknown('ecosystem', label, known)}")
    for region, relevance in labelled.s3.items():
        scores = (relevance.score, relevance.a or 0, relevance.b or 0)
        if not all(0 <= score <= MAX_SCORE for score in scores):
            raise ConfigError(f"{place}: s3.{region}: a score is 0 to {MAX_SCORE}.")
