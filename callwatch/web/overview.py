"""The reader's page of one subscription: what it is, what they chose, its feeds, and the button that stops it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from alerts.links import Purpose
from alerts.wording import Wording
from callwatch.web import saying
from callwatch.web.pages import Button, Page, Row, Section, call_row, render
from callwatch.web.site import Reader, Site
from pipeline.outbox import StoredCall
from pipeline.people import Choice, Chosen
from pipeline.store import feeds, people

MOST = 200
"""Choices of one kind that are listed, the latest first."""


class Overview:
    """The page at /subscription/."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def show(self, request: Request) -> Response:
        """GET: everything there is to choose. Changes nothing."""
        reader = self._site.reader(Purpose.ACT, request.path_params["token"])
        with self._site.store.read() as conn:
            stopped = people.stopped(conn).get(reader.bearer.subscription)
            chosen = people.chosen(conn, reader.bearer.contact)[::-1]
            calls = feeds.by_id(conn, [choice.call_id for choice in chosen])
        words = reader.words
        sections = [*self._chosen(reader, chosen, calls), self._feeds(reader, request)]
        sections.append(self._end(reader, stopped is not None))
        lines = saying.subscription(reader.subscription, reader.subscriptions.known, words)
        if stopped is not None:
            lines.insert(0, words.t("Stopped on {day}.", day=words.day(stopped.at, words.zone)))
        return render(Page(words.language, reader.subscription.title, tuple(lines), sections=tuple(sections)))

    def _chosen(self, reader: Reader, chosen: list[Chosen], calls: dict[str, StoredCall]) -> list[Section]:
        sections = []
        for choice, heading in _headings(reader.words).items():
            of_kind = [c for c in chosen if c.choice is choice and c.call_id in calls][:MOST]
            if of_kind:
                rows = tuple(self._row(reader, calls[c.call_id]) for c in of_kind)
                sections.append(Section(heading, rows=rows))
        if sections:
            return sections
        words = reader.words
        text = words.t("You have not muted or followed a call yet. Every message offers it beside each call.")
        return [Section(words.t("Your choices"), (text,))]

    def _row(self, reader: Reader, stored: StoredCall) -> Row:
        back = self._site.undo(reader.bearer, stored.call.id)
        button = Button(reader.words.t("Take it back"), back, "quiet", about=stored.call.identifier)
        return call_row(stored, reader.words, self._site.clock(), button)

    def _feeds(self, reader: Reader, request: Request) -> Section:
        words = reader.words
        links = self._site.links(reader.bearer, self._site.public_url or str(request.base_url))
        text = words.t("Add these addresses to your calendar or feed reader, and keep them to yourself.")
        addresses = (
            Row(words.t("Calendar with all deadlines"), links.calendar),
            Row(words.t("Feed with all changes (Atom)"), links.atom),
        )
        return Section(words.t("Calendar and feed"), (text,), addresses)

    def _end(self, reader: Reader, stopped: bool) -> Section:
        words, address = reader.words, self._site.links(reader.bearer).stop
        if stopped:
            button = Button(words.t("Start it again"), address + "/undo")
            return Section(words.t("The subscription is stopped"), buttons=(button,))
        button = Button(words.t("Stop the subscription"), address, "quiet")
        return Section(words.t("Too much?"), buttons=(button,))


def _headings(words: Wording) -> dict[Choice, str]:
    return {
        Choice.FOLLOWED: words.t("Calls you follow"),
        Choice.MUTED: words.t("Calls you have muted"),
        Choice.IRRELEVANT: words.t("Calls that are not relevant for you"),
    }
