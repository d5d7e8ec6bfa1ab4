"""What a portal of pages is asked, in order, and what has come of it: one question at a time. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import msgspec

from pipeline.harvest import PartReport
from pipeline.source_pages import Source
from spiders.base.entries import Entry


class Ask(msgspec.Struct, frozen=True):
    """One request: a page of a list, or with `entry` the page of an item."""

    source: Source
    url: str
    entry: Entry | None = None

    @property
    def leads(self) -> bool:
        """Whether it is the page that leads to a file."""
        return self.source.file is not None and self.url == self.source.url

    @property
    def place(self) -> str:
        """Under which address its answer is remembered: another source may read the same page for its text."""
        return f"{self.url}#{self.source.name}" if self.leads else self.url


class _Progress(msgspec.Struct):
    urls: set[str]
    lists: int = 0
    items: int = 0
    read: int = 0
    holes: int = 0


class Frontier:
    """Lists in their order, after each the pages of its items. `limit` > 0: only so many items."""

    def __init__(self, sources: Iterable[Source], limit: int = 0) -> None:
        self._limit = limit
        self._todo: deque[Ask] = deque()
        self._open: Ask | None = None
        self._progress: dict[str, _Progress] = {}
        self._pages: set[tuple[str, str]] = set()
        self._sources = {source.name: source for source in sources}
        for source in self._sources.values():
            self._progress[source.name] = _Progress(set())
            page = Entry(source.url) if source.by == "page_watch" else None
            self._todo.append(Ask(source, source.url, page))

    @property
    def done(self) -> bool:
        """True when everything has been asked and answered, or given up."""
        return not self._todo and self._open is None

    def next(self) -> Ask | None:
        """What to ask now; None while a question is open, and at the end."""
        if self._open is None and self._todo:
            self._open = self._todo.popleft()
            return self._open
        return None

    def answered(self, ask: Ask, *, items: int = 0, read: int = 0) -> None:
        """`ask` has been answered; with so many items, of which so many have been read already."""
        progress = self._progress[ask.source.name]
        self._open = None
        progress.lists += ask.entry is None
        progress.items += items
        progress.read += read

    def failed(self, ask: Ask) -> None:
        """`ask` has been given up."""
        self._progress[ask.source.name].holes += 1
        self._progress[ask.source.name].items += ask.entry is not None
        self._open = None

    def fresh(self, ask: Ask, entries: Iterable[Entry]) -> list[Entry]:
        """Those entries that this source has not named before, up to the limit."""
        urls = self._progress[ask.source.name].urls
        found = []
        for entry in entries:
            if self._limit and len(urls) >= self._limit:
                break
            key = entry.url if ask.source.details else f"{entry.url} {sorted(entry.fields.items())}"
            if key not in urls:
                urls.add(key)
                found.append(entry)
        return found

    def ask_pages(self, ask: Ask, entries: Iterable[Entry]) -> None:
        """The pages of these items; one that another source has named already is not asked for again."""
        new = []
        for entry in entries:
            if (page := (entry.url, ask.source.keep)) in self._pages:
                self._progress[ask.source.name].items += 1
                self._progress[ask.source.name].read += 1
            else:
                self._pages.add(page)
                new.append(Ask(ask.source, entry.url, entry))
        self._todo.extendleft(reversed(new))

    def covered(self, ask: Ask, urls: Iterable[str]) -> None:
        """These pages are known without asking."""
        self._pages.update((url, ask.source.keep) for url in urls)

    def ask_on(self, ask: Ask, url: str) -> bool:
        """Go on with a list on another page; False when it has more pages than it may have."""
        if self._progress[ask.source.name].lists >= ask.source.pages:
            self._progress[ask.source.name].holes += 1
            return False
        self._todo.append(Ask(ask.source, url))
        return True

    def stop(self) -> None:
        """Ask nothing more."""
        for ask in self._todo:
            self._progress[ask.source.name].holes += 1
        self._todo.clear()

    def reports(self) -> tuple[PartReport, ...]:
        """What each source has shown so far."""
        return tuple(self._report(name, progress) for name, progress in self._progress.items())

    def _report(self, name: str, progress: _Progress) -> PartReport:
        open_ = self._open is not None and self._open.source.name == name
        waits = open_ or any(ask.source.name == name for ask in self._todo)
        enough = progress.items >= self._sources[name].at_least
        proven = enough and not (progress.holes or waits or self._limit)
        return PartReport(name, progress.items, progress.read, proven)
