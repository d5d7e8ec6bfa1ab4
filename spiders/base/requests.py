"""How a portal's `requests:` section, and an address given in its place, become Scrapy settings. Pure."""

from __future__ import annotations

import ipaddress
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from pipeline.source import Portal


def portal_settings(portal: Portal, base_url: str) -> dict[str, Any]:
    """Settings of one crawl. On loopback nobody needs to be spared: no pauses but those the server asks for."""
    asked = portal.requests
    near = is_loopback(base_url)
    return {
        "DOWNLOAD_DELAY": 0 if near else asked.delay,
        "AUTOTHROTTLE_START_DELAY": 0 if near else asked.delay,
        "AUTOTHROTTLE_MAX_DELAY": asked.longest_delay,
        "AUTOTHROTTLE_TARGET_CONCURRENCY": float(asked.concurrency),
        "CONCURRENT_REQUESTS": asked.concurrency,
        "CONCURRENT_REQUESTS_PER_DOMAIN": asked.concurrency,
        "DOWNLOAD_TIMEOUT": asked.timeout,
        "DOWNLOAD_MAXSIZE": asked.body_mib << 20,
        "DOWNLOAD_WARNSIZE": 0,
        "REDIRECT_MAX_TIMES": asked.redirects,
        "RETRY_TIMES": asked.retry.times,
        "RETRY_FIRST_PAUSE": min(0.05, asked.retry.first) if near else asked.retry.first,
        "RETRY_LONGEST_PAUSE": asked.retry.longest,
        "HTTPPROXY_ENABLED": not near,
        "EGRESS_HOSTS": list(asked.hosts),
        "EGRESS_BASE_URL": base_url,
    }


def rebased(address: str, base_url: str) -> str:
    """`address` at another place: scheme, host and port of `base_url`, if there is one."""
    return base_url + urlunsplit(("", "", *urlsplit(address)[2:])) if base_url else address


def placed(address: str, portal: Portal, base_url: str) -> str:
    """Where `address` is asked for; a stand-in of several hosts has each in a folder of its own."""
    several = base_url and len(portal.requests.hosts) > 1
    return rebased(address, f"{base_url}/{urlsplit(address).hostname}" if several else base_url)


def is_loopback(base_url: str) -> bool:
    """Whether the address literally names this machine; a name that merely resolves to it does not count."""
    host = urlsplit(base_url).hostname or ""
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
