"""By what names a call is known, and what names of others it mentions. Pure.

A name is a key with its kind before the colon: `id:` of the Funding & Tenders portal (of a topic, a call or an
external action), `cascade:`, `dnr:AGENCY:` (a diarienummer is unique within one agency only), `tillvaxtverket:`,
`euroaccess:`, and `page:` for any other page of one call.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from functools import cache
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

import msgspec

from pipeline.extract import identifiers
from pipeline.links import Places
from pipeline.models import Call, Kind

MOST = 200
"""Names that one call mentions; the surest come first. Only a hostile page has more."""
LONGEST, LONGEST_PAGE = 200_000, 500
"""Characters of one text that are read, and of an address that is kept as a name."""


class Where(IntEnum):
    """Where a name stands, the surest place first."""

    IDENTIFIER = 0
    TITLE = 1
    LINK = 2
    TEXT = 3


class Clue(msgspec.Struct, frozen=True, gc=False):
    """Where a name stands, and the words as they are written there."""

    where: Where
    words: str

    def __str__(self) -> str:
        return f"{self.where.name.lower()}: {self.words}"


class Names(msgspec.Struct, frozen=True, gc=False):
    """Keys with their clues: `own` are of this call, `below` of what it is a part of, `named` of other calls."""

    own: dict[str, Clue]
    below: dict[str, Clue]
    named: dict[str, Clue]

    def of(self, kind: str) -> set[str]:
        """Its own keys of this kind."""
        return {key for key in self.own if kind_of(key) == kind}


def kind_of(key: str) -> str:
    """What stands before the colon."""
    return key.partition(":")[0]


def canonical(identifier: str) -> str:
    """An identifier as it is compared: capitals, the old COS ones without padding (2018-03-02 is 2018-3-2)."""
    name = identifier.strip().translate(_DASHES).upper()
    return re.sub(r"-0+(?=\d)", "-", name) if name.startswith("COS-") else name


def names(call: Call, places: Places) -> Names:
    """All names in a call. One that has an identifier of its own mentions others without being them: those are
    left out, except by a cascade call, whose identifier is its parent's."""
    own = dict(_own(call, places))
    named: dict[str, Clue] = {}
    if not any(kind_of(key) == "id" for key in own):
        for key, clue in sorted(_mentions(call, places), key=lambda found: found[1].where):
            if key not in own and not key.startswith(f"dnr:{call.portal}:"):
                named.setdefault(key, clue)
    return Names(own, dict(_below(call, own)), dict(list(named.items())[:MOST]))


def _own(call: Call, places: Places) -> Iterator[tuple[str, Clue]]:
    for key in url_keys(call.url, places):
        yield key, Clue(Where.IDENTIFIER, call.url)
    for name in dict.fromkeys((call.reference, call.identifier)):
        if _REGISTER.fullmatch(name):
            yield f"dnr:{call.portal}:{name}", Clue(Where.IDENTIFIER, name)
    if call.kind not in (Kind.CASCADE, Kind.ANNOUNCEMENT):
        yield from _ids(call.identifier, Where.IDENTIFIER)


def _below(call: Call, own: Iterable[str]) -> Iterator[tuple[str, Clue]]:
    """The call a topic belongs to: by name, and by the beginnings of its identifier behind the year."""
    ids = [key for key in own if kind_of(key) == "id"]
    if call.call_identifier and f"id:{canonical(call.call_identifier)}" not in ids:
        for key, clue in _ids(call.call_identifier, Where.IDENTIFIER):
            yield key, clue
    for key in ids:
        parts = key.split("-")
        year = next((n for n, part in enumerate(parts) if _YEAR.fullmatch(part)), len(parts))
        for end in range(year + 2, len(parts)):
            yield "-".join(parts[:end]), Clue(Where.IDENTIFIER, key.removeprefix("id:"))


def _mentions(call: Call, places: Places) -> Iterator[tuple[str, Clue]]:
    text = "\n".join((call.text, *call.texts.values(), call.conditions))[:LONGEST]

    @cache
    def agencies() -> list[str]:  # looked for only where there is a register number: they are many
        spoken = "\n".join((call.title, *call.titles.values(), text))
        return [place.name for place in places.values() if _says(spoken, place.title)]

    for words in (call.parent, call.identifier, call.call_identifier):
        yield from _ids(words, Where.IDENTIFIER)
    yield from _ids("\n".join((call.title, *call.titles.values())), Where.TITLE, agencies)
    for link in call.links:
        for key in url_keys(link.url, places):
            yield key, Clue(Where.LINK, link.url)
    yield from _ids(text, Where.TEXT, agencies)
    for found in _URL.finditer(f"{text}\n{call.html[:LONGEST]}"):
        for key in url_keys(found.group(), places):
            yield key, Clue(Where.TEXT, found.group())


def _ids(text: str, where: Where, agencies: Callable[[], Iterable[str]] = tuple) -> Iterator[tuple[str, Clue]]:
    for identifier, raw in identifiers.find(text):
        if _REGISTER.fullmatch(identifier):
            yield from ((f"dnr:{agency}:{identifier}", Clue(where, raw)) for agency in agencies())
        elif identifier.startswith("competitive-calls-cs/"):
            yield f"cascade:{int(identifier.partition('/')[2])}", Clue(where, raw)
        else:
            yield f"id:{canonical(identifier)}", Clue(where, raw)


def url_keys(url: str, places: Places) -> list[str]:
    """The names in an address; empty for none, and for the front page of a portal."""
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
    except ValueError:
        return []
    path = unquote(parts.path).rstrip("/")
    if parts.scheme not in ("http", "https") or not host:
        return []
    for shape, name in _SHAPES:
        if found := shape.search(f"{host}{path}"):
            return [f"{name}:{canonical(found[1]) if name == 'id' else int(found[1])}"]
    if number := _REGISTER_IN_PATH.search(path):
        agencies = [p.name for p in places.values() if _host(p.url) == host]
        if agencies:
            return [f"dnr:{agency}:{number[1]}" for agency in agencies]
    query = urlencode([(k, v) for k, v in parse_qsl(parts.query) if not k.startswith("utm_")])
    page = "".join(
        (host, path.lower(), f"?{query}" if query else "", f"#{parts.fragment}" if parts.fragment else "")
    )
    front = {_plain(place.url) for place in places.values()}
    usable = path and len(page) <= LONGEST_PAGE and page.isprintable() and page not in front
    return [f"page:{page}"] if usable else []


def _host(url: str) -> str:
    return (urlsplit(url).hostname or "").removeprefix("www.")


def _plain(url: str) -> str:
    return _host(url) + urlsplit(url).path.rstrip("/").lower()


def _says(text: str, title: str) -> bool:
    return bool(title) and re.search(rf"(?<!\w){re.escape(title)}(?!\w)", text) is not None


_DASHES = str.maketrans("‐‑‒–", "----")
_YEAR = re.compile(r"(?:19|20)\d\d")
_REGISTER = re.compile(r"20[12]\d-\d{5}", re.ASCII)
_REGISTER_IN_PATH = re.compile(r"(?<!\d)(20[12]\d-\d{5})(?!\d)", re.ASCII)
_URL = re.compile(r"https?://[^\s\"'<>()\[\]]{1,1000}")
_SHAPES = (
    (re.compile(r"(?:^|/)topic-details/([A-Za-z0-9][A-Za-z0-9+_-]{3,120})$"), "id"),
    (re.compile(r"/competitive-calls-cs/(\d{1,12})$", re.ASCII), "cascade"),
    (re.compile(r"^(?:[\w-]+\.)?tillvaxtverket\.se/.*\.(\d{1,12})\.html$", re.ASCII), "tillvaxtverket"),
    (re.compile(r"^euro-access\.eu/[\w-]+/calls/(\d{1,12})(?:/|$)", re.ASCII), "euroaccess"),
)
