"""What a list of a portal names: entries, each with an address and what the list says of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from urllib.parse import quote, urldefrag, urljoin, urlsplit

import msgspec

from pipeline.harvest import Issue
from pipeline.source_pages import Source

LONGEST_ADDRESS = 2000
MAIL = re.compile(r"(?<![\w.+-])[\w.+-]++@[\w-]+(?:\.[\w-]+)+")
_PORT = re.compile(r":(80|443)?$")


class Entry(msgspec.Struct, frozen=True):
    """One item that a list names. `lastmod`: when it changed last, in whatever form the list has it."""

    url: str
    fields: dict[str, str] = {}
    lastmod: str = ""


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
