"""A subscription stopped, with one click (RFC 8058) or a button, and taken up again; a new address confirmed."""

from __future__ import annotations

from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from alerts.links import Bearer, Purpose
from alerts.wording import Wording
from callwatch.web.pages import Button, Page, Row, render, stranger
from callwatch.web.site import Nowhere, Reader, Site
from pipeline.people import Stop
from pipeline.store import people

ONE_CLICK = b"List-Unsubscribe"


class Stopping:
    """The pages below /stop/. A subscription that is no longer there counts as stopped."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def ask(self, request: Request) -> Response:
        """GET: one button. Changes nothing, also when a mail program's scanner opens it."""
        token = request.path_params["token"]
        bearer = self._site.tokens.read(Purpose.STOP, token)
        reader = self._site.directory.find(bearer)
        if reader is None:
            return self._gone(request)
        with self._site.store.read() as conn:
            stopped = bearer.subscription in people.stopped(conn)
        if stopped:
            return self._done(reader, token)
        words, name = reader.words, reader.subscription.title
        text = words.t("You then get no more messages of “{name}”. You can take it back at any time.", name=name)
        button = Button(words.t("Stop the subscription"), self._address(token))
        return render(Page(words.language, words.t("Stop “{name}”?", name=name), (text,), buttons=(button,)))

    async def stop(self, request: Request) -> Response:
        """POST: stopped at once, without a cookie or a redirect. Repeating it is fine."""
        one_click = ONE_CLICK in await request.body()
        return await run_in_threadpool(self._stop, request, "one-click" if one_click else "link")

    def undo(self, request: Request) -> Response:
        """POST: the subscription goes on."""
        bearer = self._site.tokens.read(Purpose.STOP, request.path_params["token"])
        reader = self._site.directory.find(bearer)
        if reader is None:
            return self._gone(request)
        with self._site.store.begin() as conn:
            people.resume(conn, bearer.subscription)
        words = reader.words
        text = words.t("You get the messages of “{name}” again.", name=reader.subscription.title)
        return render(Page(words.language, words.t("Taken back"), (text,), more=self._more(reader)))

    def _stop(self, request: Request, source: str) -> Response:
        token = request.path_params["token"]
        bearer = self._site.tokens.read(Purpose.STOP, token)
        reader = self._site.directory.find(bearer)
        if reader is None:
            return self._gone(request)
        with self._site.store.begin() as conn:
            people.stop(conn, Stop(bearer.subscription, bearer.contact, self._site.clock(), source))
        return self._done(reader, token)

    def _done(self, reader: Reader, token: str) -> Response:
        words = reader.words
        heading = words.t("The subscription is stopped")
        text = words.t("You get no more messages of “{name}”.", name=reader.subscription.title)
        button = Button(words.t("Take it back"), self._address(token) + "/undo", "quiet")
        return render(Page(words.language, heading, (text,), buttons=(button,), more=self._more(reader)))

    def _gone(self, request: Request) -> Response:
        words = stranger(request)
        text = words.t("There is no such subscription any more, so nothing more comes of it.")
        return render(Page(words.language, words.t("The subscription is stopped"), (text,)))

    def _more(self, reader: Reader) -> Row:
        return Row(reader.words.t("All your choices and feeds"), self._site.links(reader.bearer).manage)

    def _address(self, token: str) -> str:
        return self._site.path(f"/stop/{quote(token, safe='')}")


class Confirming:
    """The pages below /confirm/: the address agrees to be written to."""

    def __init__(self, site: Site) -> None:
        self._site = site

    def ask(self, request: Request) -> Response:
        """GET: one button. Changes nothing."""
        token = request.path_params["token"]
        _, words = self._named(token)
        lines = (
            words.t("callwatch tells of EU calls for funding, and was asked to write to this address."),
            words.t("It does so once you agree. You can stop it in every message."),
        )
        button = Button(words.t("Yes, write to me"), self._site.path(f"/confirm/{quote(token, safe='')}"))
        return render(Page(words.language, words.t("Confirm your address?"), lines, buttons=(button,)))

    def confirm(self, request: Request) -> Response:
        """POST: put on record. Repeating it is fine."""
        bearer, words = self._named(request.path_params["token"])
        fresh = self._site.confirm(bearer, self._site.clock())
        if fresh:
            heading, text = words.t("Your address is confirmed"), words.t("From now on you get your messages.")
        else:
            heading = words.t("Nothing to confirm")
            text = words.t("This address was confirmed before, or another one has taken its place.")
        return render(Page(words.language, heading, (text,)))

    def _named(self, token: str) -> tuple[Bearer, Wording]:
        """The contact matters, whatever has become of the subscription. Raises BadToken or Nowhere."""
        bearer = self._site.tokens.read(Purpose.CONFIRM, token)
        contact = self._site.directory().contacts.get(bearer.contact)
        if contact is None:
            raise Nowhere
        return bearer, Wording(contact.language, contact.zone)
