"""Commands that stay: the HTTP side, and Slack's Socket Mode."""

from __future__ import annotations

import signal
from typing import TYPE_CHECKING, Annotated

import typer

from callwatch.stopping import stoppable
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from callwatch.web.pressing import Pressing
    from callwatch.web.site import Directory, Site
    from callwatch.wiring import Wiring
    from pipeline.store import Store


def register(app: typer.Typer) -> None:
    """Add the commands of this file to `app`."""
    for command in (serve, listen):
        app.command()(command)


def serve(
    host: Annotated[str, typer.Option(help="Address to listen on; put a proxy with TLS before it.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")] = 8080,
) -> None:
    """Serve what messages link to, calendar and Atom feeds, Slack's buttons, /healthz and /metrics.

    Example: callwatch serve --port 8080
    """
    from callwatch.metrics import exposition
    from callwatch.web.app import make_app
    from callwatch.web.serving import run
    from callwatch.web.slack import Interactions
    from callwatch.web.watching import Metrics
    from callwatch.wiring import Wiring

    wiring = Wiring()
    with wiring.store() as store:
        site = _site(wiring, store)
        pressing = _pressing(wiring, store, site.directory)
        interactions = Interactions(pressing, wiring.settings.slack_signing_secret)
        metrics = Metrics(lambda now: exposition(_fresh(wiring), store, now), wiring.settings.metrics_token)
        app = make_app(site, interactions, metrics=metrics)
        typer.echo(f"Serving on http://{host}:{port} (stop with Ctrl-C).", err=True)
        run(app, host, port)


def listen() -> None:
    """Hear the buttons that are pressed in Slack over Socket Mode, for a callwatch that Slack cannot reach.

    Example: callwatch listen
    """
    from callwatch.web.listening import Listener
    from callwatch.wiring import Wiring

    wiring = Wiring()
    token, base = wiring.settings.slack_app_token, wiring.settings.slack_base_url
    if token is None:
        raise ConfigError(
            "CALLWATCH_SLACK_APP_TOKEN is not set: an app-level token (xapp-...) with connections:write."
        )
    with wiring.store() as store:
        listener = Listener(_pressing(wiring, store, _directory(wiring, store)), token, base)
        listener.connect()
        typer.echo("Listening to Slack (stop with Ctrl-C).", err=True)
        with stoppable(signal.SIGTERM, signal.SIGINT) as told:
            try:
                told.wait()
            finally:
                listener.close()


def _fresh(wiring: Wiring) -> Wiring:
    """The same, with the contacts as they are by now: the server outlives the file it read."""
    from callwatch.wiring import Wiring

    return Wiring(wiring.settings, wiring.clock)


def _site(wiring: Wiring, store: Store) -> Site:
    from callwatch.confirming import confirm
    from callwatch.web.site import Site

    if wiring.tokens is None:
        raise ConfigError("CALLWATCH_SECRET_KEY is not set: links cannot be signed; take `openssl rand -hex 32`.")
    return Site(
        store=store,
        directory=_directory(wiring, store),
        tokens=wiring.tokens,
        clock=wiring.clock,
        confirm=lambda bearer, now: confirm(_fresh(wiring), store, bearer, now, source="link"),
        public_url=wiring.settings.public_url,
        domain=wiring.mail_stop.rpartition("@")[2] or "localhost",
        places=wiring.places,
    )


def _directory(wiring: Wiring, store: Store) -> Directory:
    """Contacts and subscriptions, read anew each time: a Wiring keeps what it has read."""
    from callwatch.contacts import effective
    from callwatch.web.site import Directory
    from callwatch.wiring import Wiring

    return Directory(lambda: effective(Wiring(wiring.settings, wiring.clock), store))


def _pressing(wiring: Wiring, store: Store, directory: Directory) -> Pressing:
    from callwatch.web.pressing import Pressing

    return Pressing(store, directory, wiring.clock, wiring.settings.slack_base_url)
