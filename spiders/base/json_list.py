"""Base of spiders for portals that publish everything as one JSON array, or a few, each a plain GET.

Proven is an array that is whole JSON, holds no document twice, and is no longer than the portal's YAML allows. One
request at a time; redirects are not followed, because a key would go with them. A list that has not changed
(answer 304) holds what it held.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import msgspec
import orjson
from scrapy import Request
from scrapy.http import Response
from twisted.python.failure import Failure

from pipeline.errors import ConfigError
from pipeline.harvest import Issue, PageMemory, PartReport, RawBatch
from pipeline.normalise.shared import decode
from pipeline.source import ListPortal
from pipeline.source_forms import Key, Listed, Since
from spiders.base.envelope import NotAnAnswer, is_web_page, page_title
from spiders.base.portal_spider import ALL_READ, Output, PortalSpider, reason
from spiders.base.recall import place, remembered, validators
from spiders.base.requests import rebased
from spiders.handover import Intake
from spiders.keyed import Secret

REDIRECTS = [301, 302, 303, 307, 308]
_decode_array = msgspec.json.Decoder(list[msgspec.Raw]).decode


class JsonListSpider(PortalSpider):
    __doc__ = PortalSpider.__doc__
    portal: ListPortal

    def __init__(self, **arguments: Any) -> None:
        super().__init__(**arguments)
        if not isinstance(self.portal, ListPortal):
            raise ConfigError(f'{self.name} publishes no lists: its YAML lacks "base: json_list"')
        key = self.portal.harvest.key
        self.secret = secret_of(self.portal.name, key) if key else None
        self._parts: list[PartReport] = []
        self._stopped = False

    @property
    def asked_all(self) -> bool:
        return len(self._parts) == len(self.portal.harvest.lists)

    def stop(self, problem: str) -> None:
        self._stopped = True

    def parts_seen(self) -> tuple[PartReport, ...]:
        missing = self.portal.harvest.lists[len(self._parts) :]
        return (*self._parts, *(PartReport(listed.name, 0, 0, False) for listed in missing))

    def issues(self) -> list[Issue]:
        return [ALL_READ] if self.over_calls else []

    async def start(self) -> AsyncIterator[Any]:
        yield self._next()

    def parse(self, response: Response) -> Output:
        """Hand over what an array holds, and ask for the next one."""
        if self.over or self._stopped:
            return
        listed = self.portal.harvest.lists[len(self._parts)]
        memory = self._memory(listed)
        if response.status == 304 and memory:
            yield from self._as_before(listed, memory)
            return
        try:
            items = array(response)
        except NotAnAnswer as problem:
            yield from self._missing(str(problem))
            return
        if len(items) > self.portal.harvest.max_items:
            self.refuse(f"{listed.name}: {len(items)} items, at most {self.portal.harvest.max_items} expected")
        kept = [without(item, self.portal.harvest.drop) for item in items] if self.portal.harvest.drop else items
        page = self.reader.page(kept, response.url, datetime.now(UTC))
        self._pages += 1
        twice = len(page.keys) - len(set(page.keys))
        if twice:
            self.note(Issue("", listed.name, f"{twice} of {len(items)} items stand in the list twice"))
        proven = not (twice or self.limit)
        self._parts.append(PartReport(listed.name, len(page.keys), len(set(page.keys)), proven))
        lasting = proven and not page.batch.issues and "{since}" not in listed.url
        known = remembered(response, place(listed.url, listed.name), page.found) if lasting else ()
        yield from self.hand_over(msgspec.structs.replace(page.batch, pages=known))
        yield from self._go_on()

    def _as_before(self, listed: Listed, memory: PageMemory) -> Output:
        self._pages += 1
        self._parts.append(PartReport(listed.name, len(memory.found), len(memory.found), not self.limit))
        yield from self.hand_over(RawBatch(portal=self.portal.name, unchanged=tuple(filter(None, memory.found))))
        yield from self._go_on()

    def _memory(self, listed: Listed) -> PageMemory | None:
        """None for what changed since a day, which is another address each time."""
        if self.intake is None or "{since}" in listed.url:
            return None
        return self.intake.remembered(place(listed.url, listed.name))

    def failed(self, failure: Failure) -> Output:
        """A request that was given up: its list is missing, nothing else."""
        if not (self.over or self._stopped):
            yield from self._missing(reason(failure.value))

    def _missing(self, problem: str) -> Output:
        listed = self.portal.harvest.lists[len(self._parts)]
        self.note(Issue("", listed.name, self.secret.hidden(problem) if self.secret else problem))
        self._parts.append(PartReport(listed.name, 0, 0, False))
        yield from self._go_on()

    def _go_on(self) -> Output:
        if not self.asked_all:
            yield self._next()
        yield from self.calls_at_the_end()

    def _next(self) -> Request:
        listed = self.portal.harvest.lists[len(self._parts)]
        since = first_day_asked(self.portal.harvest.since, self.intake)
        url = listed.url.replace("{since}", since.isoformat())
        return Request(
            rebased(url, self.base_url),
            headers={"Accept": "application/json", **validators(self._memory(listed))},
            callback=self.parse,
            errback=self.failed,
            meta={"json": True, "keyed": True, "dont_redirect": True, "handle_httpstatus_list": [304, *REDIRECTS]},
            dont_filter=True,
        )


def first_day_asked(since: Since | None, intake: Intake | None) -> date:
    """From which day on changes are asked for: some days before all was known."""
    complete_at = intake.complete_at if intake else None
    if since is None or complete_at is None:
        return since.first_day if since else date.min
    return max(since.first_day, complete_at.date() - timedelta(days=since.overlap_days))


def secret_of(portal: str, key: Key) -> Secret:
    """The portal's key from the environment. Raises ConfigError naming the variable."""
    value = os.environ.get(key.env, "").strip()
    if not value:
        raise ConfigError(f"{portal}: set {key.env} to the key the portal gave you (docs/operations.md).")
    return Secret(key.parameter, value)


def array(response: Response) -> list[msgspec.Raw]:
    """The elements of the answer, each as the bytes that came. Raises NotAnAnswer."""
    if response.status == 304:
        raise NotAnAnswer("HTTP 304, but nothing is remembered of it")
    if response.status in REDIRECTS:
        target = (response.headers.get("Location") or b"").decode("latin-1")
        raise NotAnAnswer(f"redirected to {_host(target) or 'another address'}; redirects are not followed")
    if is_web_page(response.body):
        raise NotAnAnswer(f'a web page instead of JSON: "{page_title(response.body)}"')
    try:
        return _decode_array(response.body)
    except msgspec.ValidationError as error:
        raise NotAnAnswer(f"JSON of another shape ({error})") from error
    except (msgspec.DecodeError, RecursionError) as error:
        raise NotAnAnswer(f"no whole JSON ({error})") from error


def without(item: msgspec.Raw | bytes, dropped: tuple[str, ...]) -> bytes:
    """The item without these fields, at any depth; `null`, which is skipped, if it cannot be read."""
    try:
        return orjson.dumps(_pruned(decode(bytes(item)), frozenset(dropped)))
    except (ValueError, TypeError, RecursionError):
        return b"null"


def _pruned(value: Any, dropped: frozenset[str]) -> Any:
    if isinstance(value, dict):
        return {key: _pruned(inner, dropped) for key, inner in value.items() if key not in dropped}
    return [_pruned(inner, dropped) for inner in value] if isinstance(value, list) else value


def _host(url: str) -> str:
    try:
        return urlsplit(url).hostname or ""
    except ValueError:
        return ""
