"""Judges facts read from prose by a folder of texts and its facts.csv (columns: docs/evaluate.md)."""

from __future__ import annotations

import csv
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import msgspec

from pipeline.errors import ConfigError
from pipeline.evaluate.facts import FieldFigures, Judgement, judge, summarise

Reader = Callable[[str, str, date | None, str | None], Mapping[str, Any]]
"""(file name, text, day of publication, language) -> the document of `callwatch extract`."""

FACTS = "facts.csv"


def judge_folder(folder: Path, reader: Reader) -> tuple[list[Judgement], list[FieldFigures]]:
    """Every field of every text that facts.csv names, and the figures of each field."""
    judgements: list[Judgement] = []
    for row in _rows(folder / FACTS):
        text = _read(folder / row["file"])
        found = reader(row["file"], text, _day(row.get("published_iso") or ""), row.get("language") or None)
        judgements += judge(row, found)
    return judgements, summarise(judgements)


def read_predictions(path: Path) -> Reader:
    """Facts that are already there, in a file {text's file name: facts}; a text it does not name has none."""
    try:
        known = msgspec.json.decode(_read(path), type=dict[str, dict[str, Any]])
    except msgspec.DecodeError as error:
        raise ConfigError(f"{path}: not {{file: facts}} in JSON: {error}") from error
    return lambda file, text, published, language: known.get(file, {})


def _rows(path: Path) -> list[dict[str, str]]:
    rows = list(csv.DictReader(_read(path).splitlines()))
    if not rows or "file" not in rows[0]:
        raise ConfigError(f'{path}:1: no column "file". Write one line a text, as docs/evaluate.md says.')
    return rows


def _read(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: cannot be read ({error}).") from error


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        return None
