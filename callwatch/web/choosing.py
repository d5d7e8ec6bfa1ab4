"""Mute, follow, not relevant: a page that asks, the choice put on record, and taken back again."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from alerts.links import Action, Purpose
from callwatch.web import saying
from callwatch.web.pages import Button, Page, Row, call_row, render
from callwatch.web.site import Nowhere, Reader, Site
from pipeline.outbox import StoredCall
from pipeline.people import Choice, Chosen
from pipeline.store import Connection, feeds, people

CHOICES = {Action.MUTE: Choice.MUTED, Action.FOLLOW: Choice.FOLLOWED, Action.IRRELEVANT: Choice.IRRELEVANT}
ACTIONS = {choice: action for action, choice in CHOICES.items()}


class Choosing:
    """The pages below /act/."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def ask(self, request: Request) -> Response:
        """GET: what will happen, and one button. Changes nothing."""
        reader, stored = self._named(request)
        choice, call_id = _choice(request), stored.call.id
        with self._site.store.read() as conn:
            present = choice_of(conn, reader.bearer.contact, call_id)
        if present is choice:
            return self._done(reader, stored, choice, None)
        said = saying.choice(choice, reader.words)
        button = Button(said.button, self._site.links(reader.bearer).act(ACTIONS[choice], call_id))
        return self._page(reader, stored, said.question, said.meaning, button)

    def choose(self, request: Request) -> Response:
        """POST: the choice is put on record; the page offers to take it back."""
        reader, stored = self._named(request)
        choice, contact, call_id = _choice(request), reader.bearer.contact, stored.call.id
        with self._site.store.begin() as conn:
            before = choice_of(conn, contact, call_id)
            people.choose(conn, Chosen(contact, call_id, choice, self._site.clock(), "link"))
        return self._done(reader, stored, choice, before if before is not choice else None)

    def undo(self, request: Request) -> Response:
        """POST: the choice is taken back; `to` names the one that stood there before, if any."""
        reader, stored = self._named(request)
        contact, call_id, before = reader.bearer.contact, stored.call.id, request.query_params.get("to", "")
        with self._site.store.begin() as conn:
            if before in set(Choice):
                people.choose(conn, Chosen(contact, call_id, Choice(before), self._site.clock(), "link"))
            else:
                people.unchoose(conn, contact, call_id)
        words = reader.words
        text = words.t("For this call everything is as it was before.")
        return self._page(reader, stored, words.t("Taken back"), text)

    def _done(self, reader: Reader, stored: StoredCall, choice: Choice, before: Choice | None) -> Response:
        said = saying.choice(choice, reader.words)
        back = self._site.undo(reader.bearer, stored.call.id, before.value if before else "")
        button = Button(reader.words.t("Take it back"), back, "quiet")
        return self._page(reader, stored, said.done, said.meaning, button)

    def _page(self, reader: Reader, stored: StoredCall, heading: str, text: str, *buttons: Button) -> Response:
        words = reader.words
        manage = Row(words.t("All your choices and feeds"), self._site.links(reader.bearer).manage)
        row = call_row(stored, words, self._site.clock())
        return render(Page(words.language, heading, (text,), row, buttons, more=manage))

    def _named(self, request: Request) -> tuple[Reader, StoredCall]:
        """Who asks, and about which call. Raises BadToken or Nowhere."""
        reader = self._site.reader(Purpose.ACT, request.path_params["token"])
        call_id = request.query_params.get("call", "")
        with self._site.store.read() as conn:
            stored = feeds.by_id(conn, [call_id]).get(call_id)
        if stored is None:
            raise Nowhere
        return reader, stored


def choice_of(conn: Connection, contact: str, call_id: str) -> Choice | None:
    """What the contact said of this call, if anything."""
    return people.choices_of(conn, [contact]).get(contact, {}).get(call_id)


def _choice(request: Request) -> Choice:
    """What the address asks for. Raises Nowhere for a word that is none of ours."""
    try:
        return CHOICES[Action(request.path_params["action"])]
    except ValueError:
        raise Nowhere from None
