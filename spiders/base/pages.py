"""Base of spiders for portals of web pages, feeds, sitemaps and files: lists name items, items have pages.

One request at a time. What has not changed since it was last read is not read again: the portal is asked with the
ETag and date it gave (answer 304), and a page whose sitemap entry has not moved is not asked for at all. Proven is
a source whose list was read to the end, with at least as many items as expected, and each of their pages answered.
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import msgspec
from scrapy import Request
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from pipeline.errors import ConfigError
from pipeline.harvest import Issue, PageMemory, PartReport, RawBatch
from pipeline.source import PagePortal
from pipeline.source_pages import Source
from spiders.base import linked, page
from spiders.base.entries import Entry, is_packed, packed, unpacked, wanted
from spiders.base.envelope import NotAnAnswer
from spiders.base.frontier import Ask, Frontier
from spiders.base.portal_spider import Output, PortalSpider, reason
from spiders.base.requests import placed
from spiders.base.ways import read_list
from spiders.select import NothingFound

NO_LONGER_THERE = (404, 410)


class PagesSpider(PortalSpider):
    __doc__ = PortalSpider.__doc__
    portal: PagePortal

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        if not isinstance(self.portal, PagePortal):
            raise ConfigError(f'{self.name} is no portal of pages: its YAML lacks "base: pages"')
        self.frontier = Frontier(self.portal.harvest.sources, self.limit)
        self._stopped = False

    def follow(self, item: dict[str, Any], ask: Ask) -> Iterable[Entry]:
        """Further pages that belong to an item; a portal's class may name them."""
        return ()

    @property
    def asked_all(self) -> bool:
        return self.frontier.done

    def stop(self, problem: str) -> None:
        self._stopped = True
        self.frontier.stop()

    def parts_seen(self) -> tuple[PartReport, ...]:
        return self.frontier.reports()

    def issues(self) -> list[Issue]:
        if not self.over_calls:
            return []
        return [Issue("", "closed", "this portal lists open and closed calls together: all of them were read")]

    async def start(self) -> AsyncIterator[Any]:
        for request in self._next():
            yield request

    def parse(self, response: Response, ask: Ask) -> Output:
        """Hand over what an answer holds, and ask on."""
        if self.over or self._stopped:
            return
        try:
            yield from self.hand_over(self._read(response, ask))
            self._pages += 1
        except page.Private:
            self.frontier.answered(ask, items=1, read=1)
            if ask.entry and ask.entry.lastmod:
                yield from self.hand_over(self._seen((PageMemory(ask.url, lastmod=ask.entry.lastmod),)))
        except (NotAnAnswer, NothingFound) as problem:
            self._missing(ask, str(problem))
        yield from self._go_on()

    def failed(self, failure: Failure) -> Output:
        """A request that was given up: what it asked for is missing. A page that is gone has been answered."""
        ask: Ask = failure.request.cb_kwargs["ask"]  # type: ignore[attr-defined]
        if self.over or self._stopped:
            return
        error = failure.value
        if ask.entry and isinstance(error, HttpError) and error.response.status in NO_LONGER_THERE:
            self.note(Issue("", ask.source.name, f"{ask.url}: no longer there (HTTP {error.response.status})"))
            self.frontier.answered(ask, items=1, read=1)
        else:
            self._missing(ask, reason(error))
        yield from self._go_on()

    def _read(self, response: Response, ask: Ask) -> RawBatch:
        """What an answer yields. Raises NotAnAnswer, NothingFound, Private."""
        at = datetime.now(UTC)
        if response.status == 304:
            return self._as_before(ask, at)
        self._landed(response, ask)
        if ask.leads:
            link = linked.file_on(page.text_of(response), ask.source, self.portal.requests.hosts)
            memory = self._to_remember(response, ask, (msgspec.json.encode(Entry(link)).decode(),))
            return msgspec.structs.replace(self._to_file(ask, link), pages=memory)
        if ask.entry is None:
            listed = read_list(response, ask.source)
            for issue in listed.issues:
                self.note(issue)
            entries = list(wanted(map(page.without_persons, listed.entries), ask.source))
            on = [self.frontier.ask_on(ask, url) for url in listed.more]
            if not all(on):
                self.note(Issue("", ask.source.name, f"more than {ask.source.pages} pages (sources: pages)"))
            found = tuple(packed(entry) for entry in entries)
            remembered = () if listed.more else self._to_remember(response, ask, found)
            return msgspec.structs.replace(self._entries(ask, entries, at), pages=remembered)
        items = list(page.items(page.text_of(response), ask.entry, ask.source))
        read = self.reader.page([page.packed(item) for item in items], ask.url, at)
        self.frontier.answered(ask, items=max(1, len(items)), read=max(1, len(items)))
        further = [entry for item in items for entry in self.follow(item, ask)]
        self.frontier.ask_pages(ask, self.frontier.fresh(ask, further))
        led_to = [packed(entry) for entry in further]
        remembered = () if read.batch.issues else self._to_remember(response, ask, [*read.keys, *led_to])
        return msgspec.structs.replace(read.batch, pages=remembered)

    def _to_file(self, ask: Ask, link: str) -> RawBatch:
        self.frontier.answered(ask)
        self.frontier.ask_on(ask, link)
        return RawBatch(portal=self.portal.name)

    def _entries(self, ask: Ask, entries: Sequence[Entry], at: datetime) -> RawBatch:
        """The items of a list: their pages are asked for, unless the list says it all or nothing has changed."""
        source = ask.source
        if source.by == "feed" and source.details and self.intake:  # it names only what is new
            known = {entry.url for entry in entries}
            entries = [*entries, *(Entry(url) for url in self.intake.watched if url not in known)]
        fresh = self.frontier.fresh(ask, entries)
        if len(fresh) > self.portal.harvest.max_items:
            self.refuse(f"{source.name}: {len(fresh)} items, at most {self.portal.harvest.max_items} expected")
        if not source.details:
            read = self.reader.page([page.packed(page.from_entry(e, source)) for e in fresh], source.url, at)
            self.frontier.answered(ask, items=len(fresh), read=len(fresh))
            return read.batch
        fresh = self._within(fresh, source)
        same = [memory for entry in fresh if (memory := self._unmoved(entry))]
        known = {memory.url for memory in same}
        self.frontier.covered(ask, known)
        self.frontier.answered(ask, items=len(same), read=len(same))
        self.frontier.ask_pages(ask, [entry for entry in fresh if entry.url not in known])
        return self._seen((), [text for memory in same for text in memory.found], ask)

    def _within(self, entries: Sequence[Entry], source: Source) -> list[Entry]:
        """Those whose pages are on the portal's own hosts; others are told, once a host, and not followed."""
        hosts = [urlsplit(entry.url).hostname or "" for entry in entries]
        for host in sorted({host for host in hosts if host not in self.portal.requests.hosts}):
            self.note(
                Issue("", source.name, f"{hosts.count(host)} links lead to {host}, which is not among hosts")
            )
        return [entry for entry, host in zip(entries, hosts, strict=True) if host in self.portal.requests.hosts]

    def _unmoved(self, entry: Entry) -> PageMemory | None:
        """What is remembered of a page of which the list says that it has not changed since."""
        memory = self._memory(entry.url)
        return memory if memory and entry.lastmod and memory.lastmod == entry.lastmod else None

    def _as_before(self, ask: Ask, at: datetime) -> RawBatch:
        memory = self._memory(ask.place)
        if memory is None:
            raise NotAnAnswer("HTTP 304, but nothing is remembered of it")
        if ask.leads:
            return self._to_file(ask, unpacked(memory.found[0]).url)
        if ask.entry is None:
            return self._entries(ask, [unpacked(entry) for entry in memory.found], at)
        number = max(1, sum(not is_packed(text) for text in memory.found))
        self.frontier.answered(ask, items=number, read=number)
        pages = (msgspec.structs.replace(memory, lastmod=ask.entry.lastmod),) if ask.entry.lastmod else ()
        return self._seen(pages, memory.found, ask)

    def _seen(self, pages: tuple[PageMemory, ...], found: Sequence[str] = (), ask: Ask | None = None) -> RawBatch:
        """What pages held that have not changed: their documents; pages to which they led are asked for."""
        if ask and (further := [unpacked(text) for text in found if is_packed(text)]):
            self.frontier.ask_pages(ask, self.frontier.fresh(ask, further))
        same = tuple(text for text in found if not is_packed(text))
        return RawBatch(portal=self.portal.name, unchanged=same, pages=pages)

    def _landed(self, response: Response, ask: Ask) -> None:
        """Where redirects have led. Raises Private, or NotAnAnswer for the front page in place of another one."""
        asked, landed = urlsplit(placed(ask.url, self.portal, self.base_url)), urlsplit(response.url)
        moved = landed.path != asked.path
        if moved and ask.source.private and re.search(ask.source.private, response.url, re.IGNORECASE):
            raise page.Private(response.url)
        if landed.path in ("", "/") and asked.path not in ("", "/"):
            raise NotAnAnswer("redirected to the front page")

    def _missing(self, ask: Ask, problem: str) -> None:
        place = f"{ask.url}: " if ask.entry else ""
        self.note(
            Issue("", ask.source.name, f"{problem}" if problem.startswith("selector") else f"{place}{problem}")
        )
        self.frontier.failed(ask)

    def _go_on(self) -> Output:
        yield from self._next()
        yield from self.calls_at_the_end()

    def _next(self) -> Iterator[Request]:
        ask = self.frontier.next()
        if ask is None:
            return
        memory = self._memory(ask.place)
        headers = {"If-None-Match": memory.etag, "If-Modified-Since": memory.last_modified} if memory else {}
        yield Request(
            placed(ask.url, self.portal, self.base_url),
            headers={name: text for name, text in headers.items() if text},
            callback=self.parse,
            errback=self.failed,
            cb_kwargs={"ask": ask},
            meta={"handle_httpstatus_list": [304]},
            dont_filter=True,
        )

    def _memory(self, url: str) -> PageMemory | None:
        return self.intake.remembered(url) if self.intake else None

    def _to_remember(self, response: Response, ask: Ask, found: Sequence[str]) -> tuple[PageMemory, ...]:
        etag, modified = (
            (response.headers.get(name) or b"").decode("latin-1") for name in ("ETag", "Last-Modified")
        )
        lastmod = ask.entry.lastmod if ask.entry else ""
        if not (etag or modified or lastmod):
            return ()
        return (PageMemory(ask.place, etag, modified, lastmod, tuple(found)),)
