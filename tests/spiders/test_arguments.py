"""Arguments of spiders, and what a portal's YAML makes of Scrapy's settings."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest

from pipeline.errors import ConfigError
from pipeline.source import load_portal
from spiders.base.arguments import checked_base_url, count, day, flag
from spiders.base.memory import config_with
from spiders.base.requests import is_loopback, portal_settings, rebased
from spiders.portals.eu_funding_tenders import EuFundingTenders


@pytest.mark.parametrize(
    ("value", "meant"), [("1", True), (True, True), ("No", False), ("", False), (False, False)]
)
def test_flags(value: Any, meant: bool) -> None:
    assert flag("closed", value) is meant


def test_days_and_numbers() -> None:
    assert day("since", "2026-02-28") == date(2026, 2, 28)
    assert day("since", date(2026, 2, 28)) == date(2026, 2, 28)
    assert day("since", "") is None
    assert (count("limit", "20"), count("limit", 0)) == (20, 0)


@pytest.mark.parametrize(
    "arguments",
    [
        {"closed": "perhaps"},
        {"closed": "1", "since": "2026-02-30"},
        {"since": "2026-02-01"},
        {"limit": "many"},
        {"limit": -1},
        {"limit": "²"},
        {"base_url": "127.0.0.1:8899"},
        {"base_url": "http://127.0.0.1:8899/search"},
        {"base_url": "http://127.0.0.1:99999"},
        {"base_url": "http://user:secret@127.0.0.1:8899"},
        {"base_url": "file:///etc"},
    ],
)
def test_what_cannot_be_used_is_told_with_its_name(arguments: dict[str, Any]) -> None:
    with pytest.raises(ConfigError, match=r"closed|since|limit|base_url"):
        EuFundingTenders(**arguments)


def test_a_base_url_loses_its_last_slash() -> None:
    assert checked_base_url(" http://127.0.0.1:8899/ ") == "http://127.0.0.1:8899"
    assert checked_base_url("") == ""
    assert rebased("https://h/a/b?c=1", "http://127.0.0.1:1") == "http://127.0.0.1:1/a/b?c=1"
    assert rebased("https://h/a", "") == "https://h/a"


@pytest.mark.parametrize(
    ("base_url", "near"),
    [
        ("http://127.0.0.1:1", True),
        ("http://localhost:1", True),
        ("http://[::1]:1", True),
        ("http://127.0.0.1.other.test", False),
        ("http://10.0.0.1", False),
        ("", False),
    ],
)
def test_only_literal_loopback_is_near(base_url: str, near: bool) -> None:
    assert is_loopback(base_url) is near


def test_the_portal_is_spared_and_loopback_need_not_be(config_dir: Path) -> None:
    portal = load_portal(config_dir, "eu_funding_tenders")
    far, near = portal_settings(portal, ""), portal_settings(portal, "http://127.0.0.1:1")
    assert (far["DOWNLOAD_DELAY"], far["RETRY_FIRST_PAUSE"], far["HTTPPROXY_ENABLED"]) == (0.5, 2, True)
    assert (near["DOWNLOAD_DELAY"], near["RETRY_FIRST_PAUSE"], near["HTTPPROXY_ENABLED"]) == (0, 0.05, False)
    assert near["DOWNLOAD_MAXSIZE"] == far["DOWNLOAD_MAXSIZE"] == 16 << 20


def test_configuration_is_the_chosen_one_where_it_has_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, config_dir: Path
) -> None:
    monkeypatch.setenv("CALLWATCH_CONFIG", str(tmp_path))
    assert config_with("portals/eu_funding_tenders.yml") == config_dir
    (tmp_path / "portals").mkdir()
    (tmp_path / "portals" / "eu_funding_tenders.yml").touch()
    assert config_with("portals/eu_funding_tenders.yml") == tmp_path
    assert config_with("nothing.yml") == tmp_path
