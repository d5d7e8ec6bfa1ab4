"""Base of spiders for portals of web pages, feeds, sitemaps and files: lists name items, items have pages.

One request at a time. What has not changed since it was last read is not read again: the portal is asked with the
ETag and date it gave (answer 304), and a page whose sitemap entry has not moved is not asked for at all. Proven is
a source whose list was read to the end, with at least as many items as expected, and each of their pages answered.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from importlib import import_module
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
from spiders.base import page
from spiders.base.entries import Entry, Listed, wanted
from spiders.base.envelope import NotAnAnswer
from spiders.base.frontier import Ask, Frontier
from spiders.base.portal_spider import Output, PortalSpider, reason
from spiders.base.recall import place, remembered, validators
from spiders.base.requests import rebased
from spiders.select import NothingFound

OF_TEXT = ("listing", "embedded")
"""Ways of reading that want text; the others want bytes."""
NO_LONGER_THERE = (404, 410)
_decode_entry = msgspec.json.Decoder(Entry).decode


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
        found = [
            Issue("", name, f"only {shown} items, at least {least} expected (sources: at_least)")
            for name, shown, least in (self.frontier.short() if self.asked_all else ())
        ]
        if self.over_calls:
            told = "this portal lists open and closed calls together: all of them were read"
            found.append(Issue("", "closed", told))
        return found

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
            self._private(ask)
        except (NotAnAnswer, NothingFound) as problem:
            self._missing(ask, str(problem))
        yield from self._go_on()

    def failed(self, failure: Failure) -> Output:
        """A request that was given up: what it asked for is missing. A page that is gone has been answered."""
        ask: Ask = failure.request.cb_kwargs["ask"]  # type: ignore[attr-defined]
        if self.over or self._stopped:
            return
        error = failure.value
        if not ask.own and isinstance(error, HttpError) and error.response.status in NO_LONGER_THERE:
            self._gone(ask, f"HTTP {error.response.status}")
        else:
            self._missing(ask, reason(error))
        yield from self._go_on()

    def _read(self, response: Response, ask: Ask) -> RawBatch:
        """What an answer yields. Raises NotAnAnswer, NothingFound, Private."""
        at = datetime.now(UTC)
        if response.status == 304:
            return self._as_before(ask, at)
        listed = self._address(ask.source.url)
        if page.leads_back(self._address(ask.url), response.url, ask, listed):
            self._gone(ask, "redirected to the list")
            return RawBatch(portal=self.portal.name)
        if ask.entry is None:
            return self._read_list(response, ask, at)
        items = list(page.items(page.text_of(response), ask.entry, ask.source))
        further = [entry for item in items for entry in self.follow(item, ask)]
        read = self.reader.page([page.packed(item) for item in items], ask.url, at)
        self._answered(ask, len(items))
        self.frontier.ask_pages(ask, self._within(self.frontier.besides(ask, further), ask.source))
        kept = () if read.batch.issues or further else self._to_remember(response, ask, read.keys)
        return msgspec.structs.replace(read.batch, pages=kept)

    def _answered(self, ask: Ask, items: int) -> None:
        """A page counts as one item at least, unless it is watched for the items in it."""
        number = items if ask.own and ask.source.items else max(1, items)
        self.frontier.answered(ask, items=number, read=number)

    def _read_list(self, response: Response, ask: Ask, at: datetime) -> RawBatch:
        body = page.text_of(response) if ask.source.by in OF_TEXT else response.body
        listed: Listed = import_module(f"spiders.base.{ask.source.by}").read(body, ask.url, ask.source)
        for issue in listed.issues:
            self.note(issue)
        entries = list(wanted(map(page.without_persons, listed.entries), ask.source))
        on = [self.frontier.ask_on(ask, url) for url in listed.more]
        if not all(on):
            self.note(Issue("", ask.source.name, f"more than {ask.source.pages} pages (sources: pages)"))
        if not listed.whole:
            self.frontier.hole(ask)
        found = (msgspec.json.encode(entry).decode() for entry in entries)
        kept = () if listed.more or not listed.whole else self._to_remember(response, ask, found)
        return msgspec.structs.replace(self._entries(ask, entries, at), pages=kept)

    def _entries(self, ask: Ask, entries: Sequence[Entry], at: datetime) -> RawBatch:
        """The items of a list: their pages are asked for, unless the list says it all or nothing has changed."""
        source = ask.source
        if source.details and (bare := sum(entry.url == source.url for entry in entries)):
            self.note(Issue("", source.name, f"{bare} items without a link were skipped"))
            entries = [entry for entry in entries if entry.url != source.url]
        fresh = self.frontier.fresh(ask, entries)
        if self.frontier.named(ask) > self.portal.harvest.max_items:
            self.refuse(f"{source.name}: more than {self.portal.harvest.max_items} items (harvest: max_items)")
        if not source.details:
            read = self.reader.page([page.packed(page.from_entry(e, source)) for e in fresh], source.url, at)
            self.frontier.answered(ask, items=len(fresh), read=len(fresh))
            return read.batch
        if source.by == "feed":  # it names only what is new
            fresh += self.frontier.besides(ask, self._watched(source))
        fresh = self._within(fresh, source)
        same = [memory for entry in fresh if (memory := self._unmoved(entry, source))]
        known = {memory.url for memory in same}
        self.frontier.answered(ask, items=len(same), read=len(same))
        self.frontier.ask_pages(ask, [entry for entry in fresh if place(entry.url, source.name) not in known])
        return RawBatch(portal=self.portal.name, unchanged=tuple(key for memory in same for key in memory.found))

    def _watched(self, source: Source) -> Iterator[Entry]:
        """Pages of live calls that this feed has named, with what it said of them."""
        names = [each.name for each in self.portal.harvest.sources]
        feeds = [each.name for each in self.portal.harvest.sources if each.by == "feed" and each.details]
        for url, seen in sorted(self.intake.watched.items()) if self.intake else ():
            if seen.source == source.name or (seen.source not in names and source.name == feeds[0]):
                yield Entry(url, seen.fields)

    def _within(self, entries: Sequence[Entry], source: Source) -> list[Entry]:
        """Those whose pages are on the portal's own hosts; others are told, once a host, and not followed."""
        hosts = [urlsplit(entry.url).hostname or "" for entry in entries]
        for host in sorted({host for host in hosts if host not in self.portal.requests.hosts}):
            self.note(
                Issue("", source.name, f"{hosts.count(host)} links lead to {host}, which is not among hosts")
            )
        return [entry for entry, host in zip(entries, hosts, strict=True) if host in self.portal.requests.hosts]

    def _unmoved(self, entry: Entry, source: Source) -> PageMemory | None:
        """What is remembered of a page of which the list says that it has not changed since."""
        memory = self._memory(entry.url, source)
        return memory if memory and entry.lastmod and memory.lastmod == entry.lastmod else None

    def _as_before(self, ask: Ask, at: datetime) -> RawBatch:
        memory = self._memory(ask.url, ask.source)
        if memory is None:
            raise NotAnAnswer("HTTP 304, but nothing is remembered of it")
        if ask.entry is None:
            return self._entries(ask, [_decode_entry(entry) for entry in memory.found], at)
        self._answered(ask, len(memory.found))
        pages = (msgspec.structs.replace(memory, lastmod=ask.entry.lastmod),) if ask.entry.lastmod else ()
        return RawBatch(portal=self.portal.name, unchanged=memory.found, pages=pages)

    def _gone(self, ask: Ask, why: str) -> None:
        self.note(Issue("", ask.source.name, f"{ask.url}: no longer there ({why})"))
        self.frontier.answered(ask, items=1)

    def _private(self, ask: Ask) -> None:
        """A page for readers with an account is none of our items, unless it was read before."""
        watched = self.intake.watched if self.intake else {}
        if ask.own or ask.url in watched or self._memory(ask.url, ask.source):
            self._missing(ask, "asks for a log-in")
        else:
            self.frontier.answered(ask, items=1)

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
        yield Request(
            self._address(ask.url),
            headers=validators(self._memory(ask.url, ask.source)),
            callback=self.parse,
            errback=self.failed,
            cb_kwargs={"ask": ask},
            meta={"handle_httpstatus_list": [304]},
            dont_filter=True,
        )

    def _address(self, url: str) -> str:
        """Where `url` is asked for; a stand-in of several hosts has each in a folder of its own."""
        several = self.base_url and len(self.portal.requests.hosts) > 1
        return rebased(url, f"{self.base_url}/{urlsplit(url).hostname}" if several else self.base_url)

    def _memory(self, url: str, source: Source) -> PageMemory | None:
        return self.intake.remembered(place(url, source.name)) if self.intake else None

    def _to_remember(self, response: Response, ask: Ask, found: Iterable[str]) -> tuple[PageMemory, ...]:
        """Nothing of a harvest with a limit, which does not keep all that it reads."""
        if self.limit:
            return ()
        lastmod = ask.entry.lastmod if ask.entry else ""
        return remembered(response, place(ask.url, ask.source.name), found, lastmod)
