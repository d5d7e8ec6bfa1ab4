"""config/subscriptions.yml: what is accepted, and what each mistake says."""

from __future__ import annotations

from datetime import time
from pathlib import Path

import pytest

from alerts.subscription import load_subscriptions
from pipeline.errors import ConfigError
from pipeline.models import EventKind, Kind
from tests.alerts.samples import KNOWN

GOOD = """\
contacts:
  asa:
    name: Åsa
    email: asa@cluster.example
    slack: "#calls"
    webhook: https://hooks.example/calls
    language: sv
    time_zone: Europe/Stockholm
subscriptions:
  - key: one
    contact: asa
    channel: email
    cadence: weekly
    weekday: friday
    time: 10:30
    filters:
      ecosystems: [mobility]
      regions: [{region: north-sweden, least: 3}, {region: SE331}]
      programmes: [HORIZON]
      kinds: [cascade]
      budget_at_least: 100000
      words: [electric truck*]
      exclude: [aviation]
      events: [new, withdrawn]
"""


def load(tmp_path: Path, text: str):
    path = tmp_path / "subscriptions.yml"
    path.write_text(text, encoding="utf-8")
    return load_subscriptions(path, KNOWN)


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    read = load(tmp_path, GOOD)
    one, asa = read.subscriptions[0], read.contacts["asa"]
    assert (one.title, one.time, one.weekday) == ("one", time(10, 30), "friday")
    assert one.filters.kinds == (Kind.CASCADE,)
    assert one.filters.events == (EventKind.NEW, EventKind.WITHDRAWN)
    assert [r.least for r in one.filters.regions] == [3, 2]
    assert one.target(asa) == "asa@cluster.example"
    assert str(asa.zone) == "Europe/Stockholm"


@pytest.mark.parametrize(
    ("channel", "target"),
    [("slack", "#calls"), ("webhook", "https://hooks.example/calls"), ("console", "asa"), ("file", "asa")],
)
def test_targets(tmp_path: Path, channel: str, target: str) -> None:
    read = load(tmp_path, GOOD.replace("channel: email", f"channel: {channel}"))
    assert read.subscriptions[0].target(read.contacts["asa"]) == target


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        (
            "ecosystems: [mobility]",
            "ecosystems: [mobilty]",
            17,
            'unknown ecosystem "mobilty". Did you mean "mobility"?',
        ),
        ("region: north-sweden", "region: north-swedn", 18, 'Did you mean "north-sweden"?'),
        ("region: SE331", "region: SE3310", 18, 'unknown region or group "SE3310". Did you mean "SE331"?'),
        ("least: 3", "least: 4", 18, "less than or equal to 3"),
        ("[HORIZON]", "[Horison]", 19, 'unknown programme "Horison". Did you mean "HORIZON"?'),
        ("[cascade]", "[cascades]", 20, 'unknown kind "cascades". Did you mean "cascade"?'),
        ("channel: email", "channel: mail", 12, 'unknown channel "mail". Did you mean "email"?'),
        ("cadence: weekly", "cadence: weekley", 13, 'Did you mean "weekly"?'),
        ("weekday: friday", "weekday: fridy", 14, 'Did you mean "friday"?'),
        ("[new, withdrawn]", "[new, withdrawal]", 24, 'unknown event "withdrawal". Did you mean "withdrawn"?'),
        ("contact: asa", "contact: åsa", 11, 'unknown contact "åsa". Did you mean "asa"?'),
        ("Europe/Stockholm", "Europe/Stokholm", 8, 'Did you mean "Europe/Stockholm"?'),
        ("language: sv", "language: se", 7, 'unknown language "se". Did you mean "sv"?'),
        ("language: sv", "lang: sv", 7, 'unknown key "lang". Did you mean "language"?'),
        ("asa@cluster.example", "asa at cluster", 4, '"asa at cluster" is not an e-mail address.'),
        ("asa@cluster.example", '"asa@cluster.example\\r\\nBcc: x@y.example"', 4, "is not an e-mail address."),
        ("https://hooks", "http://hooks", 6, "a webhook needs an https:// address."),
        ('"#calls"', "calls", 5, "String should match pattern"),
        ("time: 10:30", "time: half past ten", 15, '"half past ten" is not a time of day; write it as "08:00".'),
        ("time: 10:30", "time: 25:00", 15, "is not a time of day"),
        ("cadence: weekly", "cadence: daily", 10, "a weekday goes with the cadence weekly, not daily."),
        ("    slack: ", "    #", 0, ""),
    ],
)
def test_mistakes_name_line_and_remedy(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    assert old in GOOD
    if not said:
        assert load(tmp_path, GOOD.replace(old, new)).contacts["asa"].slack is None
        return
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, GOOD.replace(old, new))
    assert f"subscriptions.yml:{line}: " in str(caught.value)
    assert said in str(caught.value)


def test_a_key_twice_a_time_at_once_and_a_missing_address(tmp_path: Path) -> None:
    text = GOOD + "  - {key: one, contact: asa, channel: email, cadence: daily}\n"
    text += '  - {key: two, contact: asa, channel: email, cadence: at_once, time: "08:00"}\n'
    text += "  - {key: three, contact: asa, channel: slack, cadence: daily}\n"
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text.replace('    slack: "#calls"\n', ""))
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert 'two subscriptions have the key "one"' in lines[0]
    assert "not at_once." in lines[1]
    assert 'contact "asa" has no slack' in lines[2]


def test_without_contacts(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="contacts: Field required"):
        load(tmp_path, "subscriptions: []")


def test_the_example_that_is_shipped(config_dir: Path) -> None:
    from alerts.words import known_words
    from pipeline.profile import load_profiles
    from pipeline.source import load_programmes

    known = known_words(load_profiles(config_dir), load_programmes(config_dir))
    read = load_subscriptions(config_dir / "subscriptions.yml", known)
    assert {s.contact for s in read.subscriptions} == set(read.contacts)
    assert known.members("north-sweden") >= ("SE321",)
    assert known.members("SE332") == ("SE332",)
