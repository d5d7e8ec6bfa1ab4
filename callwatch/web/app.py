"""The application: which address leads where, and what is answered when something is wrong."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from alerts.links import BadToken
from callwatch.web.choosing import Choosing
from callwatch.web.feeding import Feeding
from callwatch.web.guard import Guard, TooLarge, too_large
from callwatch.web.limits import RateLimit
from callwatch.web.overview import Overview
from callwatch.web.pages import POLICY, Page, render, stranger
from callwatch.web.site import Nowhere, Site
from callwatch.web.slack import Interactions
from callwatch.web.stopping import Confirming, Stopping
from callwatch.web.watching import Metrics, Watching
from pipeline.errors import Busy, StoreError

log = structlog.get_logger()


def make_app(
    site: Site, interactions: Interactions, limit: RateLimit | None = None, *, metrics: Metrics | None = None
) -> ASGIApp:
    """The application, to be served by uvicorn or called by a test."""
    return Guard(
        Starlette(
            routes=_routes(site, interactions, metrics),
            exception_handlers={
                BadToken: _bad_token,
                Nowhere: _nowhere,
                StoreError: _unavailable,
                Busy: _unavailable,
                TooLarge: lambda *_: too_large(),
                HTTPException: _refused,
            },
        ),
        POLICY,
        limit or RateLimit(),
    )


def _routes(site: Site, interactions: Interactions, metrics: Metrics | None) -> Sequence[Route]:
    """Exactly the addresses that alerts.links writes, and those that our own pages lead to."""
    choosing, stopping, confirming = Choosing(site), Stopping(site), Confirming(site)
    overview, feeding, watching = Overview(site), Feeding(site), Watching(site, metrics)

    def both(path: str, ask: Callable[[Request], Response], do: Callable[[Request], object]) -> list[Route]:
        return [Route(path, ask, methods=["GET"]), Route(path, do, methods=["POST"])]

    return [
        Route("/act/{token}/undo", choosing.undo, methods=["POST"]),
        *both("/act/{token}/{action}", choosing.ask, choosing.choose),
        Route("/stop/{token}/undo", stopping.undo, methods=["POST"]),
        *both("/stop/{token}", stopping.ask, stopping.stop),
        *both("/confirm/{token}", confirming.ask, confirming.confirm),
        Route("/subscription/{token}", overview.show, methods=["GET"]),
        Route("/feed/{token}/deadlines.ics", feeding.calendar, methods=["GET"]),
        Route("/feed/{token}/events.atom", feeding.events, methods=["GET"]),
        Route("/slack/interactions", interactions.pressed, methods=["POST"]),
        Route("/healthz", watching.health, methods=["GET"]),
        Route("/metrics", watching.metrics, methods=["GET"]),
    ]


def _bad_token(request: Request, error: Exception) -> Response:
    """The same for every token that is not ours; one that was, and is too old, is told apart."""
    if not (isinstance(error, BadToken) and error.expired):
        return _nowhere(request, error)
    words = stranger(request)
    text = words.t("Links work for three months. A newer message has a new one.")
    return render(Page(words.language, words.t("This link is too old"), (text,)), 410)


def _nowhere(request: Request, error: Exception) -> Response:
    words = stranger(request)
    text = words.t("The link is not complete, or what it led to is no longer there.")
    return render(Page(words.language, words.t("There is nothing here"), (text,)), 404)


def _unavailable(request: Request, error: Exception) -> Response:
    log.warning("the database does not answer", reason=str(error))
    return PlainTextResponse("callwatch cannot reach its database just now; try again in a minute.\n", 503)


def _refused(request: Request, error: Exception) -> Response:
    """No such address (404), or not in this way (405)."""
    if isinstance(error, HTTPException) and error.status_code != 404:
        return PlainTextResponse(f"{error.detail}\n", error.status_code, dict(error.headers or {}))
    return _nowhere(request, error)
