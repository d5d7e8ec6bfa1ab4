"""What a portal of pages is asked, in order, and what has come of it: one question at a time. Pure."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable

import msgspec

from pipeline.harvest import PartReport
from pipeline.source_pages import Source
from spiders.base.entries import Entry
from spiders.base.recall import place


class Ask(msgspec.Struct, frozen=True):
    """One request: a page of a list, or with `entry` the page of an item."""

    source: Source
    url: str
    entry: Entry | None = None

    @property
    def own(self) -> bool:
        """Whether the source itself is asked: a list, or a page that is watched; not the page of an item."""
        return self.entry is None or (self.source.by == "page_watch" and self.url == self.source.url)

    @property
    def leads(self) -> bool:
        """Whether it is the page that leads to a file."""
        return self.source.file is not None and self.url == self.source.url

    @property
    def place(self) -> str:
        """Under which name its answer is remembered."""
        return place(self.url, self.source.name)


class _Progress(msgspec.Struct):
    lists: set[str]
    named: set[str]
    items: int = 0
    read: int = 0
    holes: int = 0


class Frontier:
    """Lists in their order, after each the pages of its items. `limit` > 0: only so many items.

    A page is asked for once, also when two sources name it: then it counts for both. If they keep different parts
    of it, it is asked for by each.
    """

    def __init__(self, sources: Iterable[Source], limit: int = 0) -> None:
        self._limit = limit
        self._todo: deque[Ask] = deque()
        self._open: Ask | None = None
        self._pages: set[tuple[str, str]] = set()
        self._progress: dict[str, _Progress] = {}
        self._sources = {source.name: source for source in sources}
        for source in self._sources.values():
            self._progress[source.name] = _Progress({source.url}, set())
            page = Entry(source.url) if source.by == "page_watch" else None
            if page:
                self._pages.add((source.url, source.keep))
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
        progress.items += items
        progress.read += read

    def page_read(self, ask: Ask, items: int) -> None:
        """The page of an item has been read: one item at least, unless it is watched for the items in it."""
        divided = ask.source.items or isinstance(ask.source.split, str)
        number = items if ask.own and divided else max(1, items)
        self.answered(ask, items=number, read=number)

    def failed(self, ask: Ask) -> None:
        """`ask` has been given up."""
        self.hole(ask)
        self._progress[ask.source.name].items += ask.entry is not None
        self._open = None

    def hole(self, ask: Ask) -> None:
        """Something of this source is missing: it proves nothing."""
        self._progress[ask.source.name].holes += 1

    def fresh(self, ask: Ask, entries: Iterable[Entry]) -> list[Entry]:
        """Those entries, up to the limit, that this source has not named yet and whose pages nobody asked for."""
        progress = self._progress[ask.source.name]
        found = []
        for entry in entries:
            if self._full(progress):
                break
            key = entry.url if ask.source.details else f"{entry.url} {sorted(entry.fields.items())}"
            if key in progress.named:
                continue
            progress.named.add(key)
            if ask.source.details and (key, ask.source.keep) in self._pages:
                progress.items += 1
                progress.read += 1
                continue
            found.append(entry)
        if ask.source.details:
            self._pages.update((entry.url, ask.source.keep) for entry in found)
        return found

    def besides(self, ask: Ask, entries: Iterable[Entry]) -> list[Entry]:
        """Those entries, which no list names, whose pages nobody has asked for."""
        if self._limit:
            return []
        keep = ask.source.keep
        found = {entry.url: entry for entry in entries if (entry.url, keep) not in self._pages}
        self._pages.update((url, keep) for url in found)
        return list(found.values())

    def ask_pages(self, ask: Ask, entries: Iterable[Entry]) -> None:
        """The pages of these items."""
        self._todo.extendleft(Ask(ask.source, entry.url, entry) for entry in reversed(list(entries)))

    def ask_on(self, ask: Ask, urls: Iterable[str]) -> bool:
        """Go on with a list on other pages, each once, after the pages of its items and before the next list.

        False when it has more pages than it may have.
        """
        progress = self._progress[ask.source.name]
        new = [url for url in dict.fromkeys(urls) if url not in progress.lists]
        if self._full(progress):
            return True
        room = ask.source.pages - len(progress.lists)
        progress.lists.update(new[:room])
        self._todo.extendleft(Ask(ask.source, url) for url in reversed(new[:room]))
        progress.holes += len(new) > room
        return len(new) <= room

    def named(self, ask: Ask) -> int:
        """How many items this source has named so far."""
        return len(self._progress[ask.source.name].named)

    def stop(self) -> None:
        """Ask nothing more."""
        for ask in self._todo:
            self.hole(ask)
        self._todo.clear()

    def reports(self) -> tuple[PartReport, ...]:
        """What each source has shown so far."""
        return tuple(self._report(name, progress) for name, progress in self._progress.items())

    def short(self) -> list[tuple[str, str]]:
        """Sources that named too little though all of them was read, and what is said of each."""
        found = [(source, self._shown(source)) for source in self._sources.values()]
        return [
            (source.name, f"only {shown} items, at least {source.at_least} expected (sources: at_least)")
            for source, shown in found
            if shown < source.at_least and not self._progress[source.name].holes
        ]

    def _report(self, name: str, progress: _Progress) -> PartReport:
        open_ = self._open is not None and self._open.source.name == name
        waits = open_ or any(ask.source.name == name for ask in self._todo)
        enough = self._shown(self._sources[name]) >= self._sources[name].at_least
        anything = progress.read or not progress.items
        proven = bool(enough and anything) and not (progress.holes or waits or self._limit)
        return PartReport(name, progress.items, progress.read, proven)

    def _shown(self, source: Source) -> int:
        progress = self._progress[source.name]
        return progress.items if source.by == "page_watch" else len(progress.named)

    def _full(self, progress: _Progress) -> bool:
        return bool(self._limit) and len(progress.named) >= self._limit
