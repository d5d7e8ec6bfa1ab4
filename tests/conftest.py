"""Fixtures that every room's tests may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

# A busy machine is slow, not wrong: no test of ours measures time.
settings.register_profile("callwatch", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("callwatch")

ROOT = Path(__file__).resolve().parent.parent
WITH_PROCESSES = frozenset({"delivery", "faults", "harvest", "kills", "operation", "people"})
"""Rooms whose tests play with real processes: all of them are slow."""


@pytest.fixture(scope="session")
def recorded() -> Path:
    """The folder of recorded portal answers beside the checkout; skips without it."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the recorded portal answers (../shared/data) are not on this machine")
    return folder


@pytest.fixture(scope="session")
def config_dir() -> Path:
    """The configuration folder of the checkout."""
    return ROOT / "config"


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark the rooms that are slow as a whole, which `make test` leaves to `make check`."""
    for item in items:
        if item.path.relative_to(ROOT / "tests").parts[0] in WITH_PROCESSES:
            item.add_marker("slow")


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Where everything is expected to be there (TESTS_REQUIRE_ALL), a skipped test is a failure."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped and os.environ.get("TESTS_REQUIRE_ALL") == "1":
        terminalreporter.write_line(f"{len(skipped)} tests were skipped, and TESTS_REQUIRE_ALL is set", red=True)


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """See `pytest_terminal_summary`."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    skipped = reporter is not None and reporter.stats.get("skipped")
    if skipped and os.environ.get("TESTS_REQUIRE_ALL") == "1":
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
