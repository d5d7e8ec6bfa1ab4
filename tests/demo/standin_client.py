"""A client for the stand-in's tests that can also do what no good client does."""

from __future__ import annotations

import http.client
from typing import Any, NamedTuple
from urllib.parse import quote, urlsplit

import orjson

SEARCH = "/search-api/prod/rest/search"
FACET = "/search-api/prod/rest/facet"
STABLE = {"field": "identifier", "order": "ASC"}
JSON = "application/json"


class Answer(NamedTuple):
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return orjson.loads(self.body)

    @property
    def total(self) -> int:
        return self.json["totalResults"]

    @property
    def identifiers(self) -> list[str]:
        return [item["metadata"]["identifier"][0] for item in self.json["results"]]


def target(path: str = SEARCH, **parameters: object) -> str:
    given = {"apiKey": "SEDIA", "text": "***", "pageSize": 100, "pageNumber": 1} | parameters
    return path + "?" + "&".join(f"{name}={quote(str(value))}" for name, value in given.items())


def multipart(parts: dict[str, Any], *, kind: str = JSON, filename: bool = True) -> tuple[bytes, str]:
    """Body and Content-Type; `kind` "" leaves the parts without a content type."""
    lines = b""
    for name, value in parts.items():
        name_of_file = '; filename="blob"' if filename else ""
        lines += f'--edge\r\nContent-Disposition: form-data; name="{name}"{name_of_file}\r\n'.encode()
        lines += f"Content-Type: {kind}\r\n".encode() if kind else b""
        lines += b"\r\n" + (value if isinstance(value, bytes) else orjson.dumps(value)) + b"\r\n"
    return lines + b"--edge--\r\n", "multipart/form-data; boundary=edge"


def send(base_url: str, where: str, body: bytes | None = None, kind: str = "", timeout: float = 10) -> Answer:
    """One request on a connection of its own: POST with a body, GET without."""
    connection = http.client.HTTPConnection(urlsplit(base_url).netloc, timeout=timeout)
    try:
        headers = {"Content-Type": kind} if kind else {}
        connection.request("GET" if body is None else "POST", where, body, headers)
        answer = connection.getresponse()
        return Answer(answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read())
    finally:
        connection.close()


def search(
    base_url: str, query: Any = None, *, path: str = SEARCH, page: int = 1, size: int = 100, **parts: Any
) -> Answer:
    """A right request: query, languages ["en"] and whatever else is given, as JSON parts."""
    given = {"languages": ["en"]} | parts
    if query is not None:
        given["query"] = query
    return send(base_url, target(path, pageSize=size, pageNumber=page), *multipart(given))


def of_type(*types: str, **more: list[str]) -> dict[str, Any]:
    """The query of one part of a harvest."""
    clauses = [{"terms": {"type": list(types)}}, *({"terms": {name: values}} for name, values in more.items())]
    return {"bool": {"must": clauses}}
