"""Contacts from CSV and YAML: what is accepted, and what each mistake says."""

from __future__ import annotations

import contextlib
import csv
from datetime import time
from io import StringIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from alerts.book import COLUMNS, read_book
from alerts.subscription import Book
from pipeline.errors import ConfigError
from pipeline.models import EventKind, Kind
from tests.alerts.samples import KNOWN

HEAD = "key,name,email,language,time_zone,country,regions,vouched,subscription,subscription_name,channel,cadence,"
HEAD += "weekday,time,ecosystems,s3_regions,least,programmes,kinds,budget_at_least,words,exclude,events\n"
ASA = "asa,Åsa,asa@cluster.example,sv,Europe/Stockholm,SE,SE331;SE332,yes,mobil,Mobilitet,email,weekly,friday,"
ASA += '10:30,mobility;electronics,SE331;north-sweden,3,HORIZON,cascade,100000,"electric truck*;winter, cold",'
ASA += "aviation,new;withdrawn\n"
MORE = "asa,,,,,,,,urgent,,email,at_once,,,mobility,,,,,,,,\n"
BO = "bo,Bo,,,,,,,,,,,,,,,,,,,,,\n"


def load(tmp_path: Path, text: str, name: str = "contacts.csv") -> Book:
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_book(path, KNOWN)


def test_everything_that_can_be_said(tmp_path: Path) -> None:
    book = load(tmp_path, HEAD + ASA + "\n" + MORE + BO)
    asa, (mobil, urgent) = book.contacts["asa"], book.subscriptions
    assert (asa.name, asa.language, asa.country, asa.regions, asa.vouched) == (
        "Åsa",
        "sv",
        "SE",
        ("SE331", "SE332"),
        True,
    )
    assert (mobil.title, mobil.time, mobil.weekday) == ("Mobilitet", time(10, 30), "friday")
    assert mobil.filters.ecosystems == ("mobility", "electronics")
    assert [(r.region, r.least) for r in mobil.filters.regions] == [("SE331", 3), ("north-sweden", 3)]
    assert mobil.filters.kinds == (Kind.CASCADE,)
    assert mobil.filters.budget_at_least == 100_000
    assert mobil.filters.words == ("electric truck*", "winter, cold")
    assert mobil.filters.events == (EventKind.NEW, EventKind.WITHDRAWN)
    assert (urgent.contact, urgent.cadence, urgent.filters.ecosystems) == ("asa", "at_once", ("mobility",))
    assert book.contacts["bo"].reminders == (30, 14, 7, 2)


def test_a_spreadsheets_own_ways(tmp_path: Path) -> None:
    text = "\ufeffkey,name,reminders,fallback,slack,apprise\r\nasa,Åsa,60;7,slack,#eu,env:TEAMS\r\n,,,,,\r\n"
    asa = load(tmp_path, text).contacts["asa"]
    assert (asa.reminders, asa.fallback, asa.slack, asa.apprise) == ((60, 7), "slack", "#eu", "env:TEAMS")


def test_yaml_is_the_form_of_the_subscriptions_file(tmp_path: Path, config_dir: Path) -> None:
    text = "contacts:\n  asa: {name: Åsa}\n"
    text += "subscriptions:\n  - {key: a, contact: asa, channel: file, cadence: daily}\n"
    assert load(tmp_path, text, "more.yml").subscriptions[0].key == "a"
    with pytest.raises(
        ConfigError, match=r'more.yml:2: contacts.asa.nam: unknown key "nam". Did you mean "name"\?'
    ):
        load(tmp_path, text.replace("{name", "{nam"), "more.yml")


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("mobility;elec", "mobilty;elec", '2: ecosystems: unknown ecosystem "mobilty". Did you mean "mobility"?'),
        (";north-sweden", ";north-swedn", '2: s3_regions: unknown region or group "north-swedn". Did you mean'),
        ("SE331;SE332", "SE33", '2: regions: unknown region or group "SE33". Did you mean "SE33'),
        (",3,HORIZON", ",4,HORIZON", "2: least: Input should be less than or equal to 3"),
        (",HORIZON,", ",Horison,", '2: programmes: unknown programme "Horison". Did you mean "HORIZON"?'),
        (",cascade,", ",cascades,", '2: kinds: unknown kind "cascades". Did you mean "cascade"?'),
        (",100000,", ",100 000,", "2: budget_at_least: Input should be a valid integer"),
        ("new;withdrawn", "new;gone", '2: events: unknown event "gone".'),
        ("email,weekly", "mail,weekly", '2: channel: unknown channel "mail". Did you mean "email"?'),
        (
            "email,weekly",
            "slack,weekly",
            '2: subscription: contact "asa" has no slack: add it, or',
        ),
        ("email,weekly", "email,", "2: cadence: Field required"),
        ("email,weekly", "email,daily", "2: subscription: a weekday goes with the cadence weekly, not daily."),
        ("friday", "fridy", '2: weekday: unknown weekday "fridy". Did you mean "friday"?'),
        ("10:30", "half ten", '2: time: "half ten" is not a time of day; write it as "08:00".'),
        (",sv,", ",se,", '2: language: unknown language "se". Did you mean "sv"?'),
        ("/Stockholm", "/Stokholm", '2: time_zone: unknown time zone "Europe/Stokholm". Did you mean'),
        (",SE,", ",SWE1,", '2: country: unknown country "SWE1".'),
        ("asa@cluster.example", "asa at cluster", '2: email: "asa at cluster" is not an e-mail address.'),
        (",yes,mobil", ",perhaps,mobil", "2: vouched: Input should be a valid boolean"),
        ("yes,mobil,", "yes,Mobil,", "2: subscription: String should match pattern"),
        ("asa,Åsa,", "asa,,", "2: name: Field required"),
        ("asa,,,,,,,,urgent", "åsa,,,,,,,,urgent", "3: key: String should match pattern"),
        ("asa,,,,,,,,urgent", ",,,,,,,,urgent", "3: key: each row needs the key of its contact."),
        (",urgent,", ",mobil,", '3: subscription: two subscriptions have the key "mobil"'),
        (",urgent,", ",,", "3: subscription: needed, because channel is given."),
        ("urgent,,email,at_once,,,mobility,", ",,,,,,,", "3: subscription: the contact stands in line 2 already"),
        ("asa,,,,,,,,urgent", "asa,Asa,,,,,,,urgent", "3: name: differs from line 2, the same contact."),
        ("mobility,,,,,,,,\nbo", "mobility,,2,,,,,,\nbo", "3: least: goes with s3_regions."),
        ("bo,Bo,,", "bo,Bo,,,,,,,,,,,,,,,,,,,,,,,,x", "4: more cells than columns"),
        ('"electric truck*', '"electric "truck*', "cannot be read as CSV in UTF-8"),
        ("key,name", "key,nmae", '1: unknown column "nmae". Did you mean "name"?'),
        ("key,name,email", "key,name,name", '1: the column "name" stands here twice.'),
        ("key,name", "name", "1: the column key is missing."),
        (HEAD, "key;name;email\n", "1: columns are separated by commas"),
        (HEAD + ASA + MORE + BO, "", "1: the column key is missing."),
    ],
)
def test_mistakes_name_line_and_column(tmp_path: Path, old: str, new: str, said: str) -> None:
    text = HEAD + ASA + MORE + BO
    assert old in text
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, text.replace(old, new, 1))
    assert said in str(caught.value)
    assert str(caught.value).startswith(f"{tmp_path / 'contacts.csv'}:")


def test_all_mistakes_are_named_at_once_in_their_order(tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        load(tmp_path, "key,name,language,subscription,channel\nasa,,se,,\n,Bo,,,\nci,Ci,,,email\n")
    lines = [line.split("contacts.csv:")[1] for line in str(caught.value).splitlines()]
    assert [line.split(": ")[:2] for line in lines] == [
        ["2", "language"],
        ["2", "name"],
        ["3", "key"],
        ["4", "subscription"],
    ]


def test_lines_are_those_of_the_file(tmp_path: Path) -> None:
    text = 'key,name,subscription,words,channel,cadence\nasa,Åsa,a,"two\nlines",file,daily\nbo,Bo,b,,fil,daily\n'
    with pytest.raises(ConfigError, match=r"contacts.csv:4: channel"):
        load(tmp_path, text)


@pytest.mark.parametrize("name", ["contacts.xlsx", "contacts", "nothing.csv", "nothing.yml"])
def test_what_cannot_be_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(ConfigError, match=r"are read from .yml, .yaml or .csv|cannot be read"):
        read_book(tmp_path / name, KNOWN)


def test_latin_1_is_refused_and_not_guessed(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("key,name\nasa,Åsa\n".encode("latin-1"))
    with pytest.raises(ConfigError, match="cannot be read as CSV in UTF-8"):
        read_book(tmp_path / "a.csv", KNOWN)


CELL = st.text(st.characters(codec="utf-8", exclude_characters="\r"), max_size=20) | st.sampled_from(
    ["asa", "a", "email", "weekly", "SE331;SE332", "a@b.example", "sv", "yes", ";", '"', "08:00", "7;x", "#c"]
)


@given(
    st.lists(st.sampled_from(COLUMNS), min_size=1, max_size=12, unique=True),
    st.lists(st.lists(CELL, max_size=13), max_size=6),
)
def test_any_table_is_a_book_or_a_readable_error(tmp_path_factory, columns, rows) -> None:
    out = StringIO()
    csv.writer(out).writerows([["key", "name", *(c for c in columns if c not in ("key", "name"))], *rows])
    path = tmp_path_factory.mktemp("any") / "any.csv"
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    with contextlib.suppress(ConfigError):
        book = read_book(path, KNOWN)
        assert {s.contact for s in book.subscriptions} <= set(book.contacts)


TEXT = st.text(st.characters(categories=["L", "N", "P", "Zs"]), min_size=2, max_size=30).map(str.strip)


@given(TEXT.filter(lambda t: len(t) > 1), st.lists(TEXT.filter(lambda t: len(t) > 1 and ";" not in t), max_size=4))
def test_what_is_written_is_what_is_read(tmp_path_factory, name, words) -> None:
    out = StringIO()
    row = ["asa", name, "a", "file", "daily", ";".join(words)]
    csv.writer(out).writerows([["key", "name", "subscription", "channel", "cadence", "words"], row])
    path = tmp_path_factory.mktemp("round") / "any.csv"
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    book = read_book(path, KNOWN)
    assert (book.contacts["asa"].name, book.subscriptions[0].filters.words) == (name, tuple(words))
