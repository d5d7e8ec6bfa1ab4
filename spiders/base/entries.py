"""What a list of a portal names: entries, each with an address and what the list says of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import urldefrag, urljoin, urlsplit

import msgspec

from pipeline.harvest import Issue
from pipeline.source_pages import Source


class Entry(msgspec.Struct, frozen=True):
    """One item that a list names. `lastmod`: when it changed last, in whatever form the list has it."""

    url: str
    fields: dict[str, str] = {}
    lastmod: str = ""


class Listed(msgspec.Struct, frozen=True):
    """What one page of a list holds; `more` are addresses on which it goes on."""

    entries: tuple[Entry, ...] = ()
    more: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()


def wanted(entries: Iterable[Entry], source: Source) -> Iterator[Entry]:
    """Those that the source asks for."""
    for entry in entries:
        said = f"{entry.url} {entry.fields.get('title', '')}"
        if source.only and not re.search(source.only, said, re.IGNORECASE):
            continue
        if source.skip and re.search(source.skip, said, re.IGNORECASE):
            continue
        yield entry


def packed(entry: Entry) -> str:
    """An entry as text, to be remembered."""
    return msgspec.json.encode(entry).decode()


unpacked = msgspec.json.Decoder(Entry).decode


def is_packed(text: str) -> bool:
    """Whether what is remembered of a page is an entry, and not a document of its own."""
    return text.startswith('{"url"')


def absolute(base: str, href: str, host: str | None = None) -> str:
    """A link of a page as a whole https address without fragment, on `host` if given; empty if it is none."""
    try:
        url, _ = urldefrag(urljoin(base, href.strip()))
        split = urlsplit(url)
    except ValueError:
        return ""
    if split.scheme not in ("http", "https"):
        return ""
    return split._replace(scheme="https", netloc=host or split.netloc).geturl()
