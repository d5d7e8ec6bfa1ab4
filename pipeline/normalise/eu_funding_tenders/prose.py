"""What a call says in words: description, conditions, who may apply, keywords, links."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from pipeline.models import Kind, Link
from pipeline.normalise.eu_funding_tenders.row import Row
from pipeline.normalise.shared import Notes, decode, distinct, first_of, mappings, quoted
from pipeline.text import clean, html_to_text, safe_url, text_and_html

LONGEST_TITLE = 500
MOST_LINKS = 200

_HEADING = re.compile(
    r"<(span|p|div)\b[^<>]{0,200}\btopicdescriptionkind\b[^<>]{0,200}>([^<>]{0,200})</\1\s*>\s{0,9}(:?)",
    re.IGNORECASE,
)
_GLUED = re.compile(r"(?<=[a-z])(?=[A-Z])")
_WHO = ("articipation is limited to", "ligible applicants", "ntities eligible", "pplicants must be", " is open to")
"""Without the first letter, which may be a capital."""
_LONGEST_WHO = max(map(len, _WHO))

_SENTENCE_END = re.compile(r"(?<=\.)(?=\s)|(?<=;)|\n|\Z")


def title(row: Row, kind: Kind) -> str:
    """The call's own title. A cascade row's `title` is its parent's."""
    own = row.one("callTitle") or row.one("caName") if kind is Kind.CASCADE else row.one("title")
    return clean(own or first_of(row.item, "summary"), LONGEST_TITLE)


def description(row: Row, kind: Kind) -> list[str]:
    """The HTML parts of the description, with the section headings of topics as headings."""
    if kind is Kind.TOPIC:
        parts = [row.one("descriptionByte") or row.one("description")]
    else:
        parts = [row.one("description"), row.one("furtherInformation")]
    return [_with_headings(part) for part in parts if part]


def as_text(parts: Iterable[str]) -> str:
    """The parts as plain text."""
    return "\n".join(text for part in parts if (text := html_to_text(part)))


def as_text_and_html(parts: Iterable[str]) -> tuple[str, str]:
    """Plain text and HTML; each part for itself, so that broken mark-up of one cannot swallow the next."""
    pairs = [text_and_html(part) for part in parts]
    return "\n".join(text for text, _ in pairs if text), "\n".join(html for _, html in pairs if html)


def applicants(*texts: str) -> str:
    """The first sentence that says plainly who may apply, in English; empty if none does."""
    for text in texts:
        first = end = len(text)
        for words in _WHO:
            start = text.find(words, 0, end)
            if 0 <= start < first:  # of the others only those that stand before it matter
                first, end = start, start + _LONGEST_WHO
        if first < len(text):
            return _sentence(text, first)
    return ""


def _sentence(text: str, at: int) -> str:
    line = text.rfind("\n", 0, at) + 1
    stop = text.rfind(". ", line, at)
    begin = line if stop < 0 else stop + 2
    end = _SENTENCE_END.search(text, at)
    return clean(text[begin : end.start() if end else None], 300)


def keywords(row: Row) -> tuple[str, ...]:
    """Without the identifiers of topic and call. The index has a list of words, or one JSON list as text."""
    words = row.all("keywords")
    if len(words) == 1 and words[0].startswith("["):
        try:
            words = [word for word in decode(words[0]) if isinstance(word, str)]
        except (ValueError, TypeError):
            words = []
    codes = {row.one("identifier").casefold(), row.one("callIdentifier").casefold(), ""}
    return tuple(distinct(word for word in (clean(w, 200) for w in words) if word.casefold() not in codes))


def links(row: Row, notes: Notes) -> tuple[Link, ...]:
    """Documents and pages attached to the call, each address once; addresses that are not http(s) are Issues."""
    found: dict[str, Link] = {}
    for field in ("links", "publicationDocuments"):
        for entry in mappings(row.tree(field, notes)):
            address = first_of(entry, "url", "docUrl", "href", "link")
            url = safe_url(address)
            if url:
                found.setdefault(url, Link(url, _label(entry)))
            elif address:
                notes.add(field, f"not an http(s) address: {quoted(address)}")
    return tuple(found.values())[:MOST_LINKS]


def _label(entry: Mapping[str, Any]) -> str:
    name = first_of(entry, "label", "nameDoc", "title", "name", "text", "description", "typeDoc")
    language = first_of(entry, "languageDoc")
    return clean(f"{name} ({language})" if name and language else name, 200)


def _with_headings(html: str) -> str:
    return _HEADING.sub(_heading, html) if "topicdescriptionkind" in html else html


def _heading(match: re.Match[str]) -> str:
    """Older rows write `ExpectedOutcome`, and the colon behind the element."""
    words = match[2].strip()
    words = _GLUED.sub(" ", words) if words.isalpha() else words
    return f"<h4>{words}{match[3]}</h4>"
