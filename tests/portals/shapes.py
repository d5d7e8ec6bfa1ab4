"""The shape of what a portal's test folder answers.

`python -m tests.portals.shapes [NAME]...` writes config/shapes/NAME.json anew, of all portals when none is named.
A shape that was recorded live (`callwatch portals record`) is kept: delete its file first.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib import import_module
from urllib.request import Request, urlopen

from scrapy.http import Response
from scrapy.responsetypes import responsetypes

from callwatch.crawl import spider_of
from callwatch.demo import sample
from callwatch.demo.standin.server import StandIn
from pipeline.source import ListPortal, PagePortal, QueryPortal, load_portal, load_portals
from spiders.base.look import Recent, look, question
from spiders.base.shape import Shape, packed, shape_of, unpacked
from tests.conftest import ROOT
from tests.portals.facts import answer
from tests.portals.list_server import list_server
from tests.portals.site_server import site, site_server

CONFIG = ROOT / "config"
OF = "test site"
NOW = datetime(2026, 11, 26, 9, tzinfo=UTC)
TODAY = NOW.date()
KEY = "k3y+with/odd=signs&more"
PORTALS = tuple(load_portals(CONFIG))


@contextmanager
def served(portal: str) -> Iterator[str]:
    """The test folder of a portal on loopback, or the sample of the stand-in; its address."""
    known = load_portal(CONFIG, portal)
    if isinstance(known, PagePortal):
        with site_server(site(portal), hosts=len(known.requests.hosts)) as server:
            yield server.base_url
    elif isinstance(known, ListPortal):
        place, dated, _ = known.harvest.lists[0].url.partition("/{since}")
        path = "/" + place.split("/", 3)[3]
        key = KEY if known.key_env else ""
        with list_server(path, answer(portal), dated=bool(dated), key=key) as lists:
            yield lists.base_url
    elif isinstance(known, QueryPortal):
        with import_module(f"tests.portals.{portal}.server").served(answer(portal)) as server:
            yield server.base_url
    else:
        with StandIn(sample.records(TODAY)) as standin:
            yield standin.base_url


def shape(portal: str) -> Shape:
    """The shape of the first answer."""
    with served(portal) as base_url:
        known = load_portal(CONFIG, portal)
        if known.key_env:
            os.environ[known.key_env] = KEY
        try:
            spider = spider_of(portal)(portal=known, base_url=base_url, intake=Recent(NOW))
        finally:
            os.environ.pop(known.key_env, None)
        asked = asyncio.run(question(spider))
        url = spider.secret.added_to(asked.url) if getattr(spider, "secret", None) else asked.url
        headers = {name.decode(): values[0].decode() for name, values in asked.headers.items()}
        headers["User-Agent"] = "callwatch/0.1"
        with urlopen(Request(url, asked.body or None, headers)) as came:
            body, kind = came.read(), came.headers["Content-Type"]
        response: Response = responsetypes.from_args({"Content-Type": kind}, asked.url, body=body)(
            asked.url, headers={"Content-Type": kind}, body=body, request=asked
        )
        seen = look(spider, response, asked.cb_kwargs)
    assert seen.items, portal
    assert not seen.issues, seen.issues
    return shape_of(seen.items, of=OF, part=seen.part)


def read(portal: str) -> Shape:
    """What is recorded."""
    return unpacked((CONFIG / "shapes" / f"{portal}.json").read_bytes())


def write(portal: str) -> None:
    """Write the shape of a portal, unless a live one stands there."""
    path = CONFIG / "shapes" / f"{portal}.json"
    if path.is_file() and read(portal).of != OF:
        sys.stdout.write(f"{path}: recorded {read(portal).of}; it was kept\n")
        return
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(packed(shape(portal)))


if __name__ == "__main__":
    for name in sys.argv[1:] or PORTALS:
        write(name)
