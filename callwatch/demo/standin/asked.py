"""A request as the portal reads it: URL parameters, and multipart parts that carry their own content type."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

import orjson

KNOWN_PARTS = ("query", "languages", "sort", "displayFields", "displayLanguage")


class BadRequest(ValueError):
    """The portal answers 400 with this text."""


@dataclass
class Asked:
    """One request, kept by the stand-in so that a test can look at it.

    `parts` holds the decoded JSON of the multipart parts the portal read; `fault` is why it would answer 500.
    `started`, `finished` are time.monotonic(); `status` and `sent` (bytes of the body) are known once answered.
    """

    method: str
    path: str
    parameters: dict[str, str] = field(default_factory=dict)
    headers: dict[str, str] = field(default_factory=dict)
    parts: dict[str, Any] = field(default_factory=dict)
    fault: str = ""
    refused: str = ""
    started: float = 0.0
    finished: float = 0.0
    status: int = 0
    sent: int = 0

    @property
    def endpoint(self) -> str:
        """`search`, `facet`, or the last segment of any other path."""
        return self.path.rstrip("/").rpartition("/")[2]

    @property
    def api_key(self) -> str:
        return self.parameters.get("apiKey", "")

    @property
    def text(self) -> str:
        return self.parameters.get("text", "***")

    @property
    def page_number(self) -> int:
        """1-based, only ever from the URL: the portal ignores the one in a body."""
        return self._positive("pageNumber", 1)

    @property
    def page_size(self) -> int:
        """At most 100, whatever was asked."""
        return min(self._positive("pageSize", 10), 100)

    @property
    def filters_ignored(self) -> bool:
        """True for everything that is not a multipart body with parts the portal knows."""
        return not (self.parts.keys() & {"query", "languages"})

    @property
    def types(self) -> frozenset[str]:
        """The values of every `type` filter in the query: tells the parts of a harvest apart."""
        return frozenset(_filter_values(self.parts.get("query"), "type"))

    def _positive(self, name: str, default: int) -> int:
        value = self.parameters.get(name, "")
        if not value:
            return default
        if not value.isdecimal() or int(value) < 1:
            raise BadRequest(f"Invalid {name}")
        return int(value)


def read(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Asked:
    """Read a request; never raises: what is wrong with it is in `fault` (500) or `refused` (400)."""
    split = urlsplit(target)
    parameters = {key: values[0] for key, values in parse_qs(split.query, keep_blank_values=True).items()}
    asked = Asked(method, split.path, parameters, {name.lower(): value for name, value in headers.items()})
    kind, options = content_type(asked.headers.get("content-type", ""))
    # A JSON or urlencoded body is not read at all: that is how the portal comes to answer with everything.
    if method != "POST" or kind != "multipart/form-data" or not options.get("boundary"):
        return asked
    for name, kind, content in split_parts(body, options["boundary"]):
        _take(asked, name, kind, content)
    return asked


def _take(asked: Asked, name: str, kind: str, content: bytes) -> None:
    if name not in KNOWN_PARTS:
        return
    if kind != "application/json":
        asked.fault = f"part {name} is {kind or 'without content type'}"
        return
    try:
        asked.parts[name] = orjson.loads(content)
    except orjson.JSONDecodeError:
        asked.refused = "Invalid Query format"


def split_parts(body: bytes, boundary: str) -> Iterator[tuple[str, str, bytes]]:
    """(name, content type or "", content) of every part of a multipart body (RFC 7578)."""
    delimiter = b"--" + boundary.encode("latin-1", "replace")
    for chunk in (b"\r\n" + body).split(b"\r\n" + delimiter)[1:]:
        if chunk.startswith(b"--"):
            return
        head, blank, content = chunk.lstrip(b" \t").removeprefix(b"\r\n").partition(b"\r\n\r\n")
        headers = _headers(head) if blank else {}
        name = content_type(headers.get("content-disposition", ""))[1].get("name", "")
        if name:
            yield name, content_type(headers.get("content-type", ""))[0], content


def content_type(value: str) -> tuple[str, dict[str, str]]:
    """A header value split into its main word (lower case) and its options."""
    main, *rest = value.split(";")
    options = {}
    for option in rest:
        key, _, text = option.partition("=")
        options[key.strip().lower()] = text.strip().strip('"')
    return main.strip().lower(), options


def _headers(head: bytes) -> dict[str, str]:
    lines = (line.partition(":") for line in head.decode("utf-8", "replace").split("\r\n"))
    return {name.strip().lower(): value.strip() for name, _, value in lines}


def _filter_values(query: Any, name: str) -> Iterator[str]:
    if isinstance(query, list):
        for entry in query:
            yield from _filter_values(entry, name)
    elif isinstance(query, dict):
        for key, value in query.items():
            if key in ("term", "terms") and isinstance(value, dict) and name in value:
                found = value[name]
                yield from (str(v) for v in (found if isinstance(found, list) else [found]))
            elif key != "must_not":
                yield from _filter_values(value, name)
