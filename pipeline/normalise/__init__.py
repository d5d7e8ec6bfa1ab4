"""From a portal's raw records to calls. One module per portal, named like it; all pure.

identify   one raw item   -> which document it is, and to which call it belongs
assemble   all documents  -> the call
           of one call
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Protocol, cast

import msgspec

from pipeline.errors import ConfigError
from pipeline.harvest import Issue, Role
from pipeline.models import Call

__all__ = ["Document", "Identity", "Normaliser", "Programmes", "normaliser"]

Programmes = Mapping[str, tuple[str, str]]
"""Code of a programme -> (abbreviation, name)."""


class Identity(msgspec.Struct, frozen=True):
    """Which document a raw item is (`document`: unique per portal), and what it is to which call."""

    document: str
    call_reference: str
    role: Role
    language: str


class Document(msgspec.Struct, frozen=True):
    """One stored raw record; `body` is the item as the portal gave it (JSON)."""

    role: Role
    language: str
    body: bytes
    fetched_at: datetime


class Normaliser(Protocol):
    """What each portal's module offers."""

    def identify(self, item: Mapping[str, Any], /) -> Identity | Issue:
        """Never raises: an item that cannot be placed is an Issue."""

    def assemble(self, documents: Sequence[Document], codes: Programmes, /) -> tuple[Call | None, list[Issue]]:
        """Never raises: a field that cannot be read is an Issue and stays empty; without title, no call."""


def normaliser(portal: str) -> Normaliser:
    """The module of this package that is named like the portal, imported when first asked for.

    Raises ConfigError where there is none, or one without `identify` and `assemble`.
    """
    path = f"pipeline/normalise/{portal}.py"
    if not (portal.isidentifier() and importlib.util.find_spec(f"{__name__}.{portal}")):
        raise ConfigError(f'No normaliser for portal "{portal}": add {path} (docs/how-to/add-a-portal.md).')
    module = importlib.import_module(f"{__name__}.{portal}")
    if not (hasattr(module, "identify") and hasattr(module, "assemble")):
        raise ConfigError(f'No normaliser for portal "{portal}": {path} has no `identify` and `assemble`.')
    return cast(Normaliser, module)
