"""Egress guard: no request leaves for anywhere but the portal, whoever asked for it.

Scrapy follows a redirect to any host, and `dont_filter` switches its own check off. This middleware sees every
request, redirects and robots.txt included: scheme, host and port must be the portal's, and the address the name
resolves to must be a public one, so that no portal makes us call a machine inside our own network.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
from collections.abc import Awaitable, Callable, Iterable
from urllib.parse import urlsplit
from urllib.request import getproxies, proxy_bypass

from scrapy import Request
from scrapy.crawler import Crawler
from scrapy.exceptions import IgnoreRequest
from scrapy.resolver import dnscache

from pipeline.harvest import Issue
from spiders.base.requests import is_loopback

Resolve = Callable[[str, int], Awaitable[Iterable[str]]]
Origin = tuple[str, str, int]
_PORTS = {"http": 80, "https": 443}


class Refused(IgnoreRequest):
    """A request that would have gone where callwatch has no business."""


class EgressGuard:
    """Reads EGRESS_HOSTS (asked over https, port 443) and EGRESS_BASE_URL (one more origin, loopback allowed)."""

    def __init__(self, crawler: Crawler) -> None:
        self._crawler = crawler
        hosts = crawler.settings.getlist("EGRESS_HOSTS")
        base_url = crawler.settings.get("EGRESS_BASE_URL", "")
        self._origins: set[Origin] = {("https", host.lower(), 443) for host in hosts}
        self._near: Origin | None = None
        if base_url:
            self._origins.add(origin(base_url))
            self._near = origin(base_url) if is_loopback(base_url) else None
        self._resolved: set[Origin] = set()

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> EgressGuard:
        return cls(crawler)

    async def process_request(self, request: Request) -> None:
        """Raises Refused; notes an Issue with the spider, because robots.txt has no errback that could."""
        try:
            await self._check(request.url)
        except Refused as refusal:
            note = getattr(self._crawler.spider, "note", None)
            if note:
                note(Issue("", "request", str(refusal)))
            raise

    async def _check(self, url: str) -> None:
        asked = origin(url)
        if asked not in self._origins:
            raise Refused(f"refused to ask {asked[0]}://{asked[1]}:{asked[2]}: not an address of this portal")
        if asked in self._resolved or asked == self._near or _by_proxy(asked):
            return
        dnscache[asked[1]] = await public_address(asked[1], asked[2], resolve)
        self._resolved.add(asked)


def origin(url: str) -> Origin:
    """(scheme, host, port) of a URL, lower case. Raises Refused when it has none of our kind."""
    split = urlsplit(url)
    try:
        port = split.port or _PORTS[split.scheme]
    except (KeyError, ValueError) as error:
        raise Refused(f"refused to ask {url[:200]}: neither http nor https, or a bad port") from error
    return split.scheme, (split.hostname or "").lower().rstrip("."), port


async def public_address(host: str, port: int, resolve: Resolve) -> str:
    """An address of `host` to use for the whole crawl. Raises Refused if any of its addresses is not public."""
    try:
        addresses = list(await resolve(host, port))
    except OSError as error:
        raise Refused(f"refused to ask {host}: its name cannot be resolved ({error})") from error
    inner = [address for address in addresses if not is_public(address)]
    if inner or not addresses:
        raise Refused(
            f"refused to ask {host}: it resolves to {', '.join(inner) or 'nothing'}, not a public address"
        )
    # The resolver of Scrapy knows IPv4 only.
    return next((a for a in addresses if ":" not in a), addresses[0])


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the public internet."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return ip.is_global and not ip.is_multicast


async def resolve(host: str, port: int) -> list[str]:
    """All addresses of a host, by the system's resolver, without blocking the loop. Raises OSError."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def _by_proxy(asked: Origin) -> bool:
    """Behind a proxy the proxy resolves names, and we often cannot."""
    return asked[0] in getproxies() and not proxy_bypass(asked[1])
