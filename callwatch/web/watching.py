"""The addresses for whoever watches callwatch: /healthz and /metrics."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from datetime import datetime, timedelta

import structlog
from pydantic import SecretStr
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response

from callwatch.telling import PLANNED_AT
from callwatch.web.site import Site
from pipeline.errors import Busy, ConfigError, StoreError
from pipeline.store import feeds, marks

log = structlog.get_logger()

LOOPBACK = frozenset({"127.0.0.1", "::1"})
FORWARDED = ("forwarded", "x-forwarded-for", "x-real-ip", "via")
"""Headers of a proxy: who asks through one is somewhere else, though the proxy stands on this machine."""


class Metrics:
    """`write` gives them at a time. Without a token they are for this machine, and not through a proxy on it."""

    def __init__(self, write: Callable[[datetime], bytes], token: SecretStr | None = None) -> None:
        self.write, self._token = write, token

    def allows(self, request: Request) -> bool:
        """Whether who asks may know."""
        if self._token is not None:
            wanted = f"Bearer {self._token.get_secret_value()}"
            return hmac.compare_digest(request.headers.get("authorization", "").encode(), wanted.encode())
        host = request.client.host if request.client else ""
        return host in LOOPBACK and not any(name in request.headers for name in FORWARDED)


class Watching:
    """Both addresses of a site."""

    def __init__(self, site: Site, metrics: Metrics | None) -> None:
        self._site, self._metrics = site, metrics

    def health(self, request: Request) -> Response:
        """GET: 200 while the database answers, else 503 and nothing about why. With `?within=SECONDS` also 503
        when nobody has planned messages for longer: neither cron nor a daemon is at work."""
        try:
            with self._site.store.read() as conn:
                feeds.answers(conn)
                planned = marks.time_of(conn, PLANNED_AT)
        except (StoreError, Busy) as error:
            log.warning("the database does not answer", reason=str(error))
            return JSONResponse({"status": "down"}, 503)
        within = request.query_params.get("within", "")
        if within and not (within.isascii() and within.isdigit() and len(within) < 9):
            return JSONResponse({"status": "within is no number of seconds"}, 400)
        if within and (planned is None or self._site.clock() - planned > timedelta(seconds=int(within))):
            return JSONResponse({"status": "stale"}, 503)
        return JSONResponse({"status": "ok"})

    def metrics(self, request: Request) -> Response:
        """GET: Prometheus' text; 403 for strangers, 501 without the library."""
        if self._metrics is None or not self._metrics.allows(request):
            return PlainTextResponse("set CALLWATCH_METRICS_TOKEN, and send it as a bearer token\n", 403)
        try:
            text = self._metrics.write(self._site.clock())
        except ConfigError as error:
            return PlainTextResponse(f"{error}\n", 501)
        return Response(text, media_type="text/plain; version=0.0.4; charset=utf-8")
