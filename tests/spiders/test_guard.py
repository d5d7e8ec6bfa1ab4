"""Where requests may go."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from typing import Any

import pytest
from scrapy import Request
from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import dnscache
from scrapy.settings import Settings

from pipeline.harvest import Issue
from spiders import guard
from spiders.guard import EgressGuard, Refused, is_public, origin, public_address


class FakeCrawler:
    """What the guard needs of a crawler: settings, and a spider that notes."""

    def __init__(self, **settings: Any) -> None:
        self.settings = Settings({"EGRESS_HOSTS": ["portal.test"], **settings})
        self.spider = self
        self.notes: list[Issue] = []

    def note(self, issue: Issue) -> None:
        self.notes.append(issue)


def ask(url: str, crawler: FakeCrawler, **request: Any) -> None:
    checked = EgressGuard.from_crawler(crawler)  # type: ignore[arg-type]
    asyncio.run(checked.process_request(Request(url, **request)))


@pytest.fixture
def resolving(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """Names and their addresses; any other name does not resolve."""
    known: dict[str, list[str]] = {}

    async def resolve(host: str, port: int) -> Iterable[str]:
        if host not in known:
            raise OSError("Name or service not known")
        return known[host]

    monkeypatch.setattr(guard, "resolve", resolve)
    dnscache.pop("portal.test", None)
    return known


def test_the_portal_is_asked_at_the_address_that_was_checked(resolving: dict[str, list[str]]) -> None:
    resolving["portal.test"] = ["2606:4700::6810:84e5", "93.184.215.14"]
    ask("https://portal.test/search?x=1", FakeCrawler())
    assert dnscache["portal.test"] == "93.184.215.14"


@pytest.mark.parametrize(
    "url",
    [
        "https://other.test/",
        "https://portal.test.other.test/",
        "https://portal.test@other.test/",
        "https://portal.test:8443/",
        "http://portal.test/",
        "ftp://portal.test/",
        "file:///etc/passwd",
        "data:text/plain,hello",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data",
    ],
)
@pytest.mark.parametrize("dont_filter", [False, True])
def test_nowhere_else(url: str, dont_filter: bool, resolving: dict[str, list[str]]) -> None:
    resolving["portal.test"] = ["93.184.215.14"]
    crawler = FakeCrawler()
    with pytest.raises(Refused, match="refused to ask"):
        ask(url, crawler, dont_filter=dont_filter)
    assert [note.field for note in crawler.notes] == ["request"]
    assert issubclass(Refused, IgnoreRequest)


@pytest.mark.parametrize("inner", ["10.0.0.5", "127.0.0.1", "169.254.169.254", "::1", "fe80::1%eth0", "224.0.0.1"])
def test_a_name_with_an_inner_address_is_refused(inner: str, resolving: dict[str, list[str]]) -> None:
    resolving["portal.test"] = ["93.184.215.14", inner]
    with pytest.raises(Refused, match="not a public address"):
        ask("https://portal.test/", FakeCrawler())


def test_a_name_that_does_not_resolve_is_refused(resolving: dict[str, list[str]]) -> None:
    with pytest.raises(Refused, match="cannot be resolved"):
        ask("https://portal.test/", FakeCrawler())
    with pytest.raises(Refused, match="resolves to nothing"):
        asyncio.run(public_address("portal.test", 443, lambda host, port: asyncio.sleep(0, [])))


def test_loopback_only_when_it_was_given_in_so_many_words(resolving: dict[str, list[str]]) -> None:
    near = FakeCrawler(EGRESS_BASE_URL="http://127.0.0.1:8899")
    ask("http://127.0.0.1:8899/search", near)
    for url in ("http://127.0.0.1:8898/", "http://127.0.0.2:8899/", "https://127.0.0.1:8899/"):
        with pytest.raises(Refused):
            ask(url, near)
    resolving["inside.test"] = ["192.168.1.7"]
    with pytest.raises(Refused, match="not a public address"):
        ask("http://inside.test/", FakeCrawler(EGRESS_BASE_URL="http://inside.test"))


def test_behind_a_proxy_the_proxy_resolves(
    resolving: dict[str, list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("https_proxy", "http://proxy.test:3128")
    ask("https://portal.test/", FakeCrawler())
    with pytest.raises(Refused):
        ask("https://other.test/", FakeCrawler())


def test_without_a_spider_the_refusal_stands() -> None:
    crawler = FakeCrawler()
    crawler.spider = None  # type: ignore[assignment]
    with pytest.raises(Refused):
        ask("https://other.test/robots.txt", crawler)


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("93.184.215.14", True),
        ("2606:4700::6810:84e5", True),
        ("::ffff:10.0.0.1", False),
        ("0.0.0.0", False),
        ("100.64.0.1", False),
        ("nonsense", False),
    ],
)
def test_public_addresses(address: str, public: bool) -> None:
    assert is_public(address) is public


def test_an_origin_is_lower_case_with_its_port() -> None:
    assert origin("HTTPS://Portal.Test./x") == ("https", "portal.test", 443)
    assert origin("http://portal.test:80") == ("http", "portal.test", 80)
    with pytest.raises(Refused, match="bad port"):
        origin("https://portal.test:99999/")


def test_the_system_resolves_this_machine() -> None:
    assert "127.0.0.1" in asyncio.run(guard.resolve("127.0.0.1", 80))
