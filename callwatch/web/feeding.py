"""The feeds of a subscription. Made once for each state of the store and kept; whoever has the latest gets 304.

The live calls and the latest events are read once for all subscriptions, the bytes of a feed are made once each.
What the store's mark does not show (a new classification, a date that passed) is seen after `KEPT` at the latest.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from starlette.requests import Request
from starlette.responses import Response

from alerts import atom, calendar
from alerts.items import item
from alerts.kin import Kin
from alerts.links import Purpose
from alerts.match import Match, find_words, match_call
from alerts.message import Item
from callwatch.kinship import read_kin
from callwatch.web.shelf import Latest, Shelf
from callwatch.web.site import Reader, Site
from pipeline.linking.happenings import of_links
from pipeline.outbox import Candidate, StoredCall
from pipeline.people import Choice
from pipeline.store import Connection, feeds, people

KEPT = timedelta(minutes=15)
EVENTS = 3_000
"""The latest events that are looked through for a feed."""


class Feeding:
    """The addresses below /feed/."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._made = Shelf()
        self._listed = Latest[Sequence[feeds.Listed]]()
        self._latest = Latest[Sequence[Candidate]]()
        self._kin = Latest[Kin]()

    def calendar(self, request: Request) -> Response:
        """GET: the deadlines of the subscription's calls."""
        return self._answer(request, "calendar", self._calendar, "text/calendar; charset=utf-8")

    def events(self, request: Request) -> Response:
        """GET: what happened to the subscription's calls."""
        return self._answer(request, "atom", self._atom, "application/atom+xml; charset=utf-8")

    def _answer(self, request: Request, form: str, make: Callable[[_Asked], bytes], media_type: str) -> Response:
        reader = self._site.reader(Purpose.FEED, request.path_params["token"])
        now = self._site.clock()
        with self._site.store.read() as conn:
            choices = people.choices_of(conn, [reader.bearer.contact]).get(reader.bearer.contact, {})
            mark = f"{feeds.mark(conn)}|{now.timestamp() // KEPT.total_seconds()}"
            state = f"{mark}|{sorted(choices.items())}|{reader.contact!r}|{reader.subscription!r}"
            kin = self._kin.get(mark, lambda: read_kin(self._site.places, conn))
            asked = _Asked(reader, request.path_params["token"], kin.lifted(choices), mark, now, conn, kin)
            kept = self._made.get(f"{form}|{asked.token}", state, lambda: make(asked))
        headers = {"ETag": kept.etag, "Cache-Control": "private, no-cache"}
        if kept.etag in _tags(request):
            return Response(status_code=304, headers=headers)
        return Response(kept.body, media_type=media_type, headers=headers)

    def _calendar(self, asked: _Asked) -> bytes:
        reader, words = asked.reader, asked.reader.words
        listed = self._listed.get(asked.mark, lambda: feeds.listed(asked.conn, asked.now))
        entries = [
            calendar.Entry(shown, max(each.changed_at, gone or each.changed_at), gone is not None)
            for each in listed
            if (shown := asked.item(each.stored, asked.now)) is not None
            for gone in (each.stored.gone_since,)
        ]
        name = f"callwatch: {reader.subscription.title}"
        return calendar.feed(name, entries, words, self._site.domain, reader.contact.reminders, asked.now)

    def _atom(self, asked: _Asked) -> bytes:
        reader, kinds = asked.reader, asked.reader.subscription.filters.events
        entries: list[atom.Entry] = []
        for each in self._latest.get(asked.mark, lambda: feeds.latest(asked.conn, EVENTS)):
            wanted = (not kinds or each.event.kind in kinds) and not of_links(each.event)
            if (
                wanted
                and not of_links(each.event)
                and (shown := asked.item(each.stored, each.event.at)) is not None
            ):
                entries.append(atom.Entry(each.event, shown))
            if len(entries) == atom.MOST:
                break
        base = self._site.public_url.rstrip("/")
        address = f"{base}/feed/{asked.token}/events.atom" if base else ""
        name = f"callwatch: {reader.subscription.title}"
        return atom.feed(reader.bearer.subscription, name, entries, reader.words, address)


class _Asked(NamedTuple):
    """One feed that has to be made."""

    reader: Reader
    token: str
    choices: Mapping[str, Choice]
    mark: str
    now: datetime
    conn: Connection
    kin: Kin

    def match(self, stored: StoredCall) -> Match | None:
        """Why the call is in the feed: it matches, here or on another portal, or the reader follows it; None if it
        is not, or if another call speaks for it."""
        if self.kin.is_silent(stored, self.now):
            return None
        choice = self.choices.get(stored.call.id)
        if choice in (Choice.MUTED, Choice.IRRELEVANT):
            return None
        subscription, known = self.reader.subscription, self.reader.subscriptions.known
        ruled_out = find_words(subscription.filters.exclude, stored.call)
        shown = (stored, *(() if ruled_out else self.kin.others(stored.call.id)))
        found = next((match for each in shown if (match := match_call(subscription, each, known))), None)
        if found is None and choice is Choice.FOLLOWED:
            return Match(self.reader.subscription.key, stored.call.id, ())
        return found

    def item(self, stored: StoredCall, at: datetime) -> Item | None:
        """The call as it is shown, as of `at`; None if it is not in the feed."""
        match, known = self.match(stored), self.reader.subscriptions.known
        if match is None:
            return None
        followed = self.choices.get(stored.call.id) is Choice.FOLLOWED
        sources = self.kin.sources(stored.call.id)
        reasons, contact = match.reasons, self.reader.contact
        return item(stored, (), reasons, contact, known, at, followed=followed, sources=sources)


def _tags(request: Request) -> list[str]:
    tags = request.headers.get("if-none-match", "").split(",")
    return [tag.strip().removeprefix("W/") for tag in tags]
