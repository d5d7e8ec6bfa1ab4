"""Base of spiders for portals of web pages, feeds, sitemaps and files: lists name items, items have pages.

One request at a time. What has not changed since it was last read is not read again: the portal is asked with the
ETag and date it gave (answer 304), and a page whose sitemap entry has not moved is not asked for at all. Proven is
a source whose list was read to the end, with at least as many items as expected, and each of their pages answered.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import msgspec
from scrapy import Request
from scrapy.http import Response
from scrapy.spidermiddlewares.httperror import HttpError
from twisted.python.failure import Failure

from pipeline.errors import ConfigError
from pipeline.harvest import NOTHING_FOUND, Issue, PageMemory, PartReport, RawBatch
from pipeline.source import PagePortal
from pipeline.source_pages import Source
from spiders.base import linked, page
from spiders.base.entries import ON, Entry, Listed, is_packed, named_before, on_hosts, packed, unpacked, wanted
from spiders.base.envelope import NotAnAnswer
from spiders.base.frontier import Ask, Frontier
from spiders.base.persons import without_persons
from spiders.base.portal_spider import ALL_READ, Output, PortalSpider, reason
from spiders.base.recall import Recall, place
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
        self.recall = Recall(self.intake, forget=bool(self.limit))
        self._stopped = False

    def follow(self, item: dict[str, Any], ask: Ask) -> Iterable[Entry]:
        """Further pages that belong to an item; a portal's class may name them."""
        return ()

    def listed(self, response: Response, ask: Ask) -> Listed:
        """What a list holds; a portal's class may put its entries together."""
        return read_list(response, ask.url, ask.source)

    @property
    def asked_all(self) -> bool:
        return self.frontier.done

    def stop(self, problem: str) -> None:
        self._stopped = True
        self.frontier.stop()

    def parts_seen(self) -> tuple[PartReport, ...]:
        return self.frontier.reports()

    def issues(self) -> list[Issue]:
        found = [Issue("", name, problem) for name, problem in self.frontier.short()] if self.asked_all else []
        if self.over_calls:
            found.append(ALL_READ)
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
            yield from self.hand_over(self._private(ask))
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
        if self._leads_back(response, ask):
            self._gone(ask, "redirected to the list")
            return RawBatch(portal=self.portal.name)
        if ask.leads:
            link = linked.file_on(page.text_of(response), ask.source, self.portal.requests.hosts)
            return self._to_file(ask, link, self.recall.to_keep(response, ask, [packed(Entry(link))]))
        if ask.entry is None:
            return self._read_list(response, ask, at)
        items = list(page.items(page.text_of(response), ask.entry, ask.source))
        further = [entry for item in items for entry in self.follow(item, ask)]
        read = self.reader.page([page.packed(item) for item in items], ask.url, at)
        self.frontier.page_read(ask, len(items))
        self._ask_further(ask, further)
        found = [*read.found, *map(packed, further)]
        kept = () if read.batch.issues else self.recall.to_keep(response, ask, found)
        return msgspec.structs.replace(read.batch, pages=kept)

    def _leads_back(self, response: Response, ask: Ask) -> bool:
        asked, listed = (placed(url, self.portal, self.base_url) for url in (ask.url, ask.source.url))
        return page.leads_back(asked, response.url, ask, listed)

    def _ask_further(self, ask: Ask, further: Iterable[Entry]) -> None:
        self.frontier.ask_pages(ask, self._within(self.frontier.besides(ask, further), ask.source))

    def _to_file(self, ask: Ask, link: str, pages: tuple[PageMemory, ...] = ()) -> RawBatch:
        self.frontier.answered(ask)
        if link:
            self.frontier.ask_on(ask, [link])
        else:
            self.note(Issue("", ask.source.name, linked.NO_LINK))
        return RawBatch(portal=self.portal.name, pages=pages)

    def _read_list(self, response: Response, ask: Ask, at: datetime) -> RawBatch:
        listed = self.listed(response, ask)
        for issue in listed.issues:
            self.note(issue)
        entries = list(wanted(map(without_persons, listed.entries), ask.source))
        if not listed.whole:
            self.frontier.hole(ask)
        held = (*entries, *(Entry(url, ON) for url in listed.more)) if listed.whole else ()
        kept = self.recall.to_keep(response, ask, map(packed, held)) if listed.whole else ()
        return msgspec.structs.replace(self._entries(ask, entries, at, listed.more), pages=kept)

    def _entries(self, ask: Ask, entries: Sequence[Entry], at: datetime, more: Sequence[str] = ()) -> RawBatch:
        """The items of a list, which goes on at `more`: their pages are asked for, unless the list says it all or
        nothing has changed."""
        source = ask.source
        if not self.frontier.ask_on(ask, more):
            self.note(Issue("", source.name, f"more than {source.pages} pages (sources: pages)"))
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
            watched = self.intake.watched if self.intake else {}
            fresh += self.frontier.besides(ask, named_before(watched, source, self.portal.harvest.sources))
        fresh = self._within(fresh, source)
        found = ((entry, self.recall.unmoved(entry, source)) for entry in fresh)
        known = {memory.url: memory for _, memory in found if memory}
        self.frontier.answered(ask, items=len(known), read=len(known))
        self.frontier.ask_pages(ask, [entry for entry in fresh if place(entry.url, source.name) not in known])
        return self._seen((), [text for memory in known.values() for text in memory.found], ask)

    def _within(self, entries: Sequence[Entry], source: Source) -> list[Entry]:
        """Those whose pages are on the portal's own hosts; others are told, once a host, and not followed."""
        kept, strange = on_hosts(entries, self.portal.requests.hosts)
        for host, number in strange.items():
            self.note(Issue("", source.name, f"{number} links lead to {host}, which is not among hosts"))
        return kept

    def _as_before(self, ask: Ask, at: datetime) -> RawBatch:
        memory = self.recall.of(ask.url, ask.source)
        if memory is None:
            raise NotAnAnswer("HTTP 304, but nothing is remembered of it")
        if ask.leads:
            return self._to_file(ask, unpacked(memory.found[0]).url)
        if ask.entry is None:
            held = [unpacked(entry) for entry in memory.found]
            more = [entry.url for entry in held if entry.fields == ON]
            return self._entries(ask, [entry for entry in held if entry.fields != ON], at, more)
        self.frontier.page_read(ask, sum(not is_packed(text) for text in memory.found))
        pages = (msgspec.structs.replace(memory, lastmod=ask.entry.lastmod),) if ask.entry.lastmod else ()
        return self._seen(pages, memory.found, ask)

    def _seen(self, pages: tuple[PageMemory, ...], found: Sequence[str], ask: Ask) -> RawBatch:
        """What pages held that have not changed: their documents; pages to which they led are asked for."""
        self._ask_further(ask, [unpacked(text) for text in found if is_packed(text)])
        same = tuple(text for text in found if text and not is_packed(text))
        return RawBatch(portal=self.portal.name, unchanged=same, pages=pages)

    def _gone(self, ask: Ask, why: str) -> None:
        self.note(Issue("", ask.source.name, f"{ask.url}: no longer there ({why})"))
        self.frontier.answered(ask, items=1)

    def _private(self, ask: Ask) -> RawBatch | None:
        """A page for readers with an account is none of our items, unless it was read before."""
        memory = self.recall.of(ask.url, ask.source)
        if ask.own or (self.intake and ask.url in self.intake.watched) or (memory and memory.found):
            self._missing(ask, "asks for a log-in")
            return None
        self.frontier.answered(ask, items=1)
        if self.limit or not (ask.entry and ask.entry.lastmod):
            return None
        return RawBatch(portal=self.portal.name, pages=(PageMemory(ask.place, lastmod=ask.entry.lastmod),))

    def _missing(self, ask: Ask, problem: str) -> None:
        missed = problem.startswith(NOTHING_FOUND)
        self.note(Issue("", ask.source.name, f"{problem}, at {ask.url}" if missed else f"{ask.url}: {problem}"))
        self.frontier.failed(ask)

    def _go_on(self) -> Output:
        yield from self._next()
        yield from self.calls_at_the_end()

    def _next(self) -> Iterator[Request]:
        ask = self.frontier.next()
        if ask is None:
            return
        yield Request(
            placed(ask.url, self.portal, self.base_url),
            headers=self.recall.headers(ask),
            callback=self.parse,
            errback=self.failed,
            cb_kwargs={"ask": ask},
            meta={"handle_httpstatus_list": [304]},
            dont_filter=True,
        )
