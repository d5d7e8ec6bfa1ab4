"""Which portals can be asked: some need a key of one's own, which stands in the environment, and some are off."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import TYPE_CHECKING

import typer

from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from pipeline.source import Portal


def with_key(portals: Iterable[Portal], *, quiet: bool = False) -> list[str]:
    """Names of the portals that can be asked and are not off; unless `quiet`, each that lacks its key is told in
    one line on stderr."""
    ready = []
    for portal in portals:
        if portal.off:
            continue
        if not missing(portal):
            ready.append(portal.name)
        elif not quiet:
            typer.echo(f"{portal.name}: skipped, because {portal.key_env} is not set.", err=True)
    return ready


def insist(portal: Portal) -> str:
    """The name of a portal that was asked for by name. Raises ConfigError when its key is not set."""
    if missing(portal):
        raise ConfigError(
            f"{portal.name}: set {portal.key_env} to the key the portal gave you (docs/operations.md)."
        )
    return portal.name


def note(portal: Portal) -> str:
    """What an operator should know of a portal before the first harvest."""
    needs = f"needs {portal.key_env}" if missing(portal) else ""
    off = f"off: {portal.off}" if portal.off else ""
    return "; ".join(filter(None, (off, needs, "unproven" if portal.unproven else "")))


def missing(portal: Portal) -> bool:
    """Whether the portal needs a key that is not there."""
    return bool(portal.key_env) and not os.environ.get(portal.key_env, "").strip()
