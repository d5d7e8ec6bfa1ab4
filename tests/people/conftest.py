"""Stores on both databases, a wiring over each, and the command line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import SecretStr

from callwatch.settings import Settings
from callwatch.wiring import Wiring
from pipeline.store import Store
from tests.builders import NOW
from tests.harvest.conftest import callwatch, zygote
from tests.store.conftest import outbox, postgres, postgres_template, sqlite_template, store, url

__all__ = ["callwatch", "outbox", "postgres", "postgres_template", "sqlite_template", "store", "url", "zygote"]

FILE = """\
contacts:
  asa:
    name: Åsa
    email: asa@cluster.example
    language: sv
  ops:
    name: Operators
    email: ops@cluster.example
    slack: "#ops"
    vouched: true
subscriptions:
  - {key: asa-weekly, name: Veckobrev, contact: asa, channel: email, cadence: weekly}
  - {key: asa-daily, contact: asa, channel: email, cadence: daily}
  - {key: ops-all, contact: ops, channel: email, cadence: at_once}
  - {key: ops-slack, contact: ops, channel: slack, cadence: at_once}
"""

Make = Callable[..., Wiring]

sqlite_only = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""For rules that the database has no part in; what is stored is tested on both."""


@pytest.fixture
def make(store: Store, tmp_path: Path) -> Make:
    """A wiring over `store`, with this text as subscriptions.yml."""

    def build(text: str = FILE, **settings: object) -> Wiring:
        (tmp_path / "subscriptions.yml").write_text(text, encoding="utf-8")
        given: dict[str, object] = {
            "database_url": SecretStr(store.url.render_as_string(hide_password=False)),
            "config": tmp_path,
            "public_url": "https://calls.example",
            "secret_key": SecretStr("0123456789abcdef"),
        }
        return Wiring(Settings(**{**given, **settings}), clock=lambda: NOW)

    return build


@pytest.fixture
def wiring(make: Make) -> Wiring:
    """A wiring over `store`, with `FILE` as subscriptions.yml."""
    return make()
