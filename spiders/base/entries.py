"""What a list of a portal names: entries, each with an address and what the list says of it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from hashlib import sha256
from urllib.parse import quote, urldefrag, urljoin, urlsplit

import msgspec

from pipeline.harvest import Issue, WatchedPage
from pipeline.source_pages import Source

LONGEST_ADDRESS = 2000
MAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+")
_PORT = re.compile(r":(80|443)?$")


class Entry(msgspec.Struct, frozen=True):
    """One item that a list names. `lastmod`: when it changed last, in whatever form the list has it."""

    url: str
    fields: dict[str, str] = {}
    lastmod: str = ""


ON = {"list": "goes on"}
"""Fields of what is remembered of a list that is no item, but an address on which it goes on."""


class Listed(msgspec.Struct, frozen=True):
    """What one page of a list holds; `more` are addresses on which it goes on. Not `whole`: its end is missing."""

    entries: tuple[Entry, ...] = ()
    more: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()
    whole: bool = True


def wanted(entries: Iterable[Entry], source: Source) -> Iterator[Entry]:
    """Those that the source asks for."""
    for entry in entries:
        said = f"{entry.url} {entry.fields.get('title', '')}"
        if source.only and not re.search(source.only, said, re.IGNORECASE):
            continue
        if source.skip and re.search(source.skip, said, re.IGNORECASE):
            continue
        yield entry


def on_hosts(entries: Iterable[Entry], hosts: Iterable[str]) -> tuple[list[Entry], Counter[str]]:
    """Those whose pages are on these hosts, and how many lie on each other one."""
    ours, kept, strange = set(hosts), [], Counter[str]()
    for entry in entries:
        host = urlsplit(entry.url).hostname or ""
        if host in ours:
            kept.append(entry)
        else:
            strange[host] += 1
    return kept, strange


def named_before(watched: Mapping[str, WatchedPage], source: Source, sources: Sequence[Source]) -> Iterator[Entry]:
    """Of the pages of live calls those that this feed once named, with what it said of them then.

    Those of a source that is no more are looked after by the first feed.
    """
    names = [each.name for each in sources]
    first = next((each.name for each in sources if each.by == "feed" and each.details), "")
    for url, seen in sorted(watched.items()):
        if seen.source == source.name or (seen.source not in names and source.name == first):
            yield Entry(url, seen.fields)


def packed(entry: Entry) -> str:
    """An entry as text, to be remembered."""
    return msgspec.json.encode(entry).decode()


unpacked = msgspec.json.Decoder(Entry).decode


def is_packed(text: str) -> bool:
    """Whether what is remembered of a page is an entry, and not a document of its own."""
    return text.startswith('{"url"')


def mark(entry: Entry) -> str:
    """What changes with what the list says of an item: its lastmod, else a digest of its fields."""
    if entry.lastmod or not entry.fields:
        return entry.lastmod
    return sha256(repr(sorted(entry.fields.items())).encode()).hexdigest()[:16]


def says_otherwise(entry: Entry, before: str) -> bool:
    """Whether a list says something else of an item than it did (`before`: its mark); the page may stand still."""
    return bool(entry.fields) and not entry.lastmod and mark(entry) != before


def absolute(base: str, href: str, host: str | None = None) -> str:
    """A link of a page as a whole https address without fragment, on `host` if given; empty if it is none.

    Characters that cannot be printed are quoted; an address that holds a name or an e-mail address is none.
    """
    try:
        url, _ = urldefrag(urljoin(base, href.strip()))
        split = urlsplit(url)
        _ = split.port
    except ValueError:
        return ""
    if split.scheme not in ("http", "https") or not split.hostname or "@" in split.netloc:
        return ""
    found = split._replace(scheme="https", netloc=host or _PORT.sub("", split.netloc)).geturl()
    quoted = "".join(char if char.isprintable() else quote(char, errors="replace") for char in found)
    return quoted if len(quoted) <= LONGEST_ADDRESS and not addresses_in(quoted) else ""


def addresses_in(text: str) -> bool:
    """Whether an e-mail address stands in `text`."""
    return "@" in text and MAIL.search(text) is not None
