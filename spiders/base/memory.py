"""Where raw records stay when nobody takes them in: `scrapy crawl` without callwatch and without a database."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

from pipeline.harvest import Issue, RawBatch, RawRecord
from pipeline.models import Call
from pipeline.normalise import Document, normaliser
from pipeline.source import Programmes, load_programmes


def config_with(name: str) -> Path:
    """The first configuration folder that has the file: $CALLWATCH_CONFIG, the checkout's, the packaged one."""
    root = Path(__file__).resolve().parents[2]
    folders = [root / "config", root / "callwatch" / "_config"]
    if chosen := os.environ.get("CALLWATCH_CONFIG"):
        folders.insert(0, Path(chosen))
    return next((folder for folder in folders if (folder / name).is_file()), folders[0])


class Memory:
    """Keeps the documents of a crawl, the last of each."""

    def __init__(self, portal: str) -> None:
        self._portal = portal
        self._documents: dict[str, RawRecord] = {}

    def take(self, batch: RawBatch) -> None:
        """Keep one page."""
        self._documents |= {record.document: record for record in batch.records}

    def calls(self, note: Callable[[Issue], None]) -> Iterator[Call]:
        """Every call whose documents are here, normalised; what was odd goes to `note`."""
        codes: Programmes = load_programmes(config_with("programmes.yml"))
        documents: dict[str, list[Document]] = {}
        for record in self._documents.values():
            document = Document(record.role, record.language, record.body, record.fetched_at)
            documents.setdefault(record.call_reference, []).append(document)
        assemble = normaliser(self._portal).assemble
        for group in documents.values():
            call, issues = assemble(group, codes)
            for issue in issues:
                note(issue)
            if call:
                yield call
