"""Ends the crawling process with the tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.spiders.crawling import Worker


@pytest.fixture(scope="session", autouse=True)
def _crawling() -> Iterator[None]:
    yield
    Worker.stop_shared()
