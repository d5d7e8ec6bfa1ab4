"""What all rows of the index have in common: the outer fields and the search engine's own metadata."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from callwatch.demo.sample.html import checksum


def envelope(reference: str, url: str, language: str, title: str, sort: str | None) -> dict[str, Any]:
    """The outer fields of a result item; `metadata` is added by the caller."""
    return {
        "apiVersion": "2.155",
        "reference": reference,
        "url": url,
        "title": None,
        "contentType": "text/plain",
        "language": language,
        "databaseLabel": "SEDIA",
        "database": "SEDIA",
        "summary": title,
        "weight": 1.0,
        "groupById": sort,
        "content": title,
        "accessRestriction": False,
        "pages": None,
        "checksum": checksum(title),
        "metadata": {},
        "enrichedMetadata": {},
        "children": [],
        "highlightedFragments": [],
    }


def administration(url: str, reference: str, title: str, sorted_at: str) -> dict[str, list[str]]:
    """Metadata that the search engine keeps of every row."""
    return {
        "es_ContentType": ["text/plain"],
        "es_SortDate": [sorted_at],
        "esST_FileName": ["file.txt"],
        "esST_URL": [url],
        "esST_checksum": [checksum(title)],
        "DATASOURCE": ["SEDIA"],
        "REFERENCE": [reference],
        "url": [url],
    }


def legacy_reference(ccm2: int, label: str, opens: date, language: str) -> str:
    """`<ccm2Id><type of action without spaces><start in epoch milliseconds><language, none for English>`."""
    start = int(datetime(opens.year, opens.month, opens.day, tzinfo=UTC).timestamp() * 1000)
    return f"{ccm2}{''.join(label.split())}{start}{'' if language == 'en' else language}"
