"""`callwatch portals new`: one look at a portal, and a first version of all its parts."""

from __future__ import annotations

import keyword
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import msgspec
from bs4 import BeautifulSoup
from scrapy import Request
from scrapy.http import Response

from callwatch.crawl import crawler_process
from callwatch.scaffold import guess, site, texts, writing
from callwatch.scaffold.draft import BASES, OF_ROWS, Draft, draft, read_on
from callwatch.scaffold.keys import Columns, columns
from callwatch.scaffold.site import Reply
from callwatch.wiring import Wiring
from pipeline.errors import ConfigError
from pipeline.languages import language_of
from pipeline.normalise.rows import row_of
from pipeline.source import Portal
from pipeline.source_limits import Bounds, Requests, Retry
from pipeline.yaml_data import nearest
from spiders.base import page
from spiders.base.arguments import checked_base_url
from spiders.base.envelope import NotAnAnswer
from spiders.base.requests import rebased
from spiders.once import Once

TABLE = "| portal | what it holds | how it is read |"
SAMPLE = 5
"""So many records of a list are kept."""


class Made(msgspec.Struct, frozen=True):
    """What was written: the places of new files, and what was found at the address."""

    files: Sequence[str]
    found: str
    remarks: Sequence[str]


def new(wiring: Wiring, name: str, url: str, base: str, pages: int, base_url: str) -> Made:
    """Look at `url` and write a portal called `name`. Raises ConfigError, and then has written nothing."""
    root = writing.checkout()
    _check(wiring, name, url, base)
    look = Look(base, url, pages, checked_base_url(base_url))
    process = crawler_process(wiring)
    crawler = process.create_crawler(Once)
    process.crawl(crawler, portal=_unknown(name, url), base_url=look.base_url, first=look.first, take=look.take)
    process.start()
    if crawler.spider.failure:
        raise crawler.spider.failure
    if look.draft is None:
        problem = look.problem or next((f"{url}: {each}." for each in crawler.spider.problems.values()), "")
        raise ConfigError(f"{problem} Nothing was written.")
    found = look.finished()
    rows = [row_of(row) for row in found.rows]
    chosen = columns(rows) if found.base in OF_ROWS else None
    files, changed = _files(root, name, found, look, chosen, wiring)
    writing.write_new(root, files, changed)
    return Made(tuple(files), f"{found.number} items, {len(look.kept)} pages read", tuple(found.remarks))


class Look:
    """Asks the address, and a few of the pages that it names; keeps what came."""

    def __init__(self, base: str, url: str, pages: int, base_url: str) -> None:
        self._base, self._url, self._pages = base, url, pages
        self.base_url = base_url
        self.draft: Draft | None = None
        self.problem = ""
        self.replies: list[tuple[str, Response]] = []
        self.kept: set[str] = set()

    async def first(self) -> Request:
        """The request for the address itself."""
        return self._request(self._url)

    def take(self, response: Response) -> Iterator[Request]:
        """Keep an answer; after a list, ask for some of its pages."""
        url = str(response.request.meta["url"]) if response.request else response.url
        self.replies.append((url, response))
        if self.draft and not self.draft.more:
            self.kept.add(url)
            return
        try:
            self.draft = read_on(self.draft, response) if self.draft else draft(self._base, url, response)
        except (ConfigError, NotAnAnswer) as error:
            self.problem, self.draft = str(error), None
            return
        if self.draft.more:
            yield self._request(self.draft.more[0])
        elif self.draft.source.details:
            host = urlsplit(self._url).hostname
            own = [entry.url for entry in self.draft.entries if urlsplit(entry.url).hostname == host]
            for number, each in enumerate(list(dict.fromkeys(own))[: self._pages]):
                yield self._request(each).replace(priority=-number)

    def finished(self) -> Draft:
        """The draft with what the pages have shown: their content and language."""
        found = self.draft
        assert found is not None  # noqa: S101 - only called after an answer
        trees = [BeautifulSoup(page.text_of(each), "lxml") for url, each in self.replies if url in self.kept]
        if found.source.details and not trees:
            found.remarks = [*found.remarks, "None of the pages could be read: details is left out."]
            found.source = found.source.model_copy(update={"details": False})
        elif trees:
            found.source = found.source.model_copy(update={"keep": guess.keep(trees)})
        if not found.about.language:
            said = [tree.get_text(" ") for tree in trees] or [
                site.text_of(each) or "" for _, each in self.replies[:1]
            ]
            language = language_of(" ".join(said))
            found.about = msgspec.structs.replace(found.about, language=language)
        return found

    def site(self) -> dict[str, bytes]:
        """Files of the test folder."""
        found = self.draft
        assert found is not None  # noqa: S101 - only called after an answer
        if found.base == "json_list":
            return {"answer.json": site.answer(list(found.rows[:SAMPLE]))}
        replies = [
            Reply(url, each.body, site.text_of(each), found.source, url in self.kept) for url, each in self.replies
        ]
        return site.files(replies, self.kept)

    def _request(self, url: str) -> Request:
        return Request(rebased(url, self.base_url), meta={"url": url})


def _files(
    root: Path, name: str, found: Draft, look: Look, chosen: Columns | None, wiring: Wiring
) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """New files, and files with a line more."""
    said = found.about.language
    found.about = msgspec.structs.replace(found.about, language=said or "en")
    whence = "as the page says, or seems to be" if said else "nothing says it: look"
    today = wiring.clock().date()
    files = {f"config/portals/{name}.yml": texts.config(name, found, today, said or "en", whence)}
    files |= texts.code(name, found, chosen)
    files |= {f"tests/portals/{name}/{place}": body for place, body in look.site().items()}
    operations, programmes = root / "docs" / "operations.md", root / "config" / "programmes.yml"
    cells = (f"`{name}`", found.about.publisher.replace("|", "/"), texts.how(found))
    table = texts.with_line(operations.read_text(encoding="utf-8"), f"| {' | '.join(cells)} |", TABLE)
    entry = f"{name}: {{abbreviation: {name.upper()}, name: {texts.quoted(found.about.publisher)}}}\n"
    codes = programmes.read_text(encoding="utf-8").rstrip("\n") + "\n" + entry
    return files, {"docs/operations.md": table.encode(), "config/programmes.yml": codes.encode()}


def _check(wiring: Wiring, name: str, url: str, base: str) -> None:
    """What can be said before anything is asked. Raises ConfigError."""
    if not re.fullmatch(r"[a-z][a-z0-9_]{1,40}", name) or keyword.iskeyword(name):
        raise ConfigError(f'"{name}" is no name: small letters, digits and _, a letter first, as in my_portal.')
    if base not in BASES:
        raise ConfigError(f'unknown base "{base}".{nearest(base, BASES)} A search API is written by hand.')
    if not re.fullmatch(r"https://[\w.-]+(/\S*)?", url, re.ASCII):
        raise ConfigError(f'"{url}" is no https:// address without port and spaces.')
    if wiring.config("portals") != writing.ROOT / "config":
        raise ConfigError("CALLWATCH_CONFIG names portals of your own: unset it, and try again.")
    if name in wiring.portals:
        raise ConfigError(f'there is a portal "{name}" already. Choose another name.')
    for place in (f"pipeline/normalise/{name}", f"pipeline/normalise/{name}.py", f"tests/portals/{name}"):
        if (writing.ROOT / place).exists():
            raise ConfigError(f"{writing.ROOT / place}: is there already. Choose another name.")


def _unknown(name: str, url: str) -> Portal:
    """A portal of which nothing is known but its address: asked slowly, and little."""
    retry = Retry(times=0, first=1, longest=1)
    asked: dict[str, Any] = {"delay": 2, "longest_delay": 30, "concurrency": 1, "timeout": 60, "redirects": 2}
    requests = Requests(hosts=(urlsplit(url).hostname or "",), body_mib=32, item_kib=1024, retry=retry, **asked)
    bounds = Bounds(min_items=0, drop=1, fill={})
    return Portal(
        name=name, title=name, publisher=name, licence="not known", language="en", url=url,
        requests=requests, bounds=bounds,
    )  # fmt: skip
