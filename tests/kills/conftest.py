"""Both stores, and the processes of these tests."""

from __future__ import annotations

from tests.delivery.conftest import forks, on_postgresql, on_sqlite
from tests.store.conftest import postgres

__all__ = ["forks", "on_postgresql", "on_sqlite", "postgres"]
