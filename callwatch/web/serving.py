"""Runs the application on uvicorn. The only module that knows it."""

from __future__ import annotations

import uvicorn
from starlette.types import ASGIApp

AT_ONCE = 200
"""Requests at the same time; more are told 503 at once instead of waiting for ever."""
HEAD = 16 * 1024
"""Bytes of a request's head at most."""


def server(app: ASGIApp, host: str, port: int) -> uvicorn.Server:
    """A server for `app`. Addresses hold tokens, so no request is logged; only a proxy on this machine is believed
    when it says for whom it asks (`FORWARDED_ALLOW_IPS` names others)."""
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        http="h11",
        ws="none",
        lifespan="off",
        log_config=None,
        access_log=False,
        server_header=False,
        limit_concurrency=AT_ONCE,
        h11_max_incomplete_event_size=HEAD,
        timeout_graceful_shutdown=10,
    )
    return uvicorn.Server(config)


def run(app: ASGIApp, host: str, port: int) -> None:
    """Serve until the process is told to stop."""
    server(app, host, port).run()
