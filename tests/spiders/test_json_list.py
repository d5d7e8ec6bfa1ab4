"""Parts of the base for lists: what is cut out, what is no list, and a key that shows nowhere."""

from __future__ import annotations

import json
import logging
from pathlib import Path

import pytest
from scrapy.http import Response

from pipeline.errors import ConfigError
from pipeline.source import load_portal
from spiders.base.envelope import NotAnAnswer
from spiders.base.json_list import array, without
from spiders.keyed import Secret, _Hiding
from spiders.portals.eu_funding_tenders import EuFundingTenders
from spiders.portals.formas import Formas
from spiders.portals.ted import Ted
from spiders.portals.vinnova import Vinnova

KEY = "k3y+with/odd=signs&more"


def answer(body: bytes, status: int = 200, **headers: str) -> Response:
    return Response("http://127.0.0.1/", status=status, body=body, headers=headers)


def test_named_fields_are_cut_out_at_any_depth() -> None:
    item = b'{"a": 1, "P": [{"name": "A"}], "b": [{"P": "B", "c": "\xc3\xa5"}]}'
    assert json.loads(without(item, ("P",))) == {"a": 1, "b": [{"c": "å"}]}


@pytest.mark.parametrize("item", [b'{"P": ', b"[" * 100_000, b'{"a": NaN, "P": "A"}', b'{"a": 1e999, "P": "A"}'])
def test_what_cannot_be_read_is_not_kept_either(item: bytes) -> None:
    assert b"P" not in without(item, ("P",))


def test_characters_that_break_json_do_not_save_a_person() -> None:
    assert json.loads(without(b'{"a": "x\ty", "P": "A"}', ("P",))) == {"a": "x\ty"}


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (answer(b"<html><title>Log in</title>"), 'a web page instead of JSON: "Log in"'),
        (answer(b'[{"a": 1}, {"b'), "no whole JSON"),
        (answer(b'{"value": []}'), "JSON of another shape"),
        (answer(b"[" * 100_000), "no whole JSON"),
        (answer(b"", 302, Location="https://evil.example/?authorization=k"), "redirected to evil.example;"),
        (answer(b"", 307, Location="//[half"), "redirected to another address;"),
    ],
)
def test_what_is_no_list(given: Response, told: str) -> None:
    with pytest.raises(NotAnAnswer) as caught:
        array(given)
    assert told in str(caught.value)


def test_a_key_is_added_to_the_address_and_hidden_everywhere() -> None:
    secret = Secret("authorization", KEY)
    url = secret.added_to("https://h/list?a=b")
    assert url == "https://h/list?a=b&authorization=k3y%2Bwith%2Fodd%3Dsigns%26more"
    assert secret.hidden(f"{url} and {KEY}") == "https://h/list?a=b&authorization=[secret] and [secret]"
    assert KEY not in repr(secret)
    record = logging.LogRecord("x", logging.WARNING, "f", 1, "asked %s", (url,), None)
    assert _Hiding(secret).filter(record)
    assert record.getMessage() == "asked https://h/list?a=b&authorization=[secret]"


def test_without_its_key_a_spider_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CALLWATCH_FORMAS_KEY", raising=False)
    with pytest.raises(ConfigError, match="set CALLWATCH_FORMAS_KEY"):
        Formas()
    monkeypatch.setenv("CALLWATCH_FORMAS_KEY", KEY)
    assert KEY not in repr(vars(Formas()))


def test_a_spider_wants_the_form_of_its_own_base(config_dir: Path) -> None:
    with pytest.raises(ConfigError, match="is no search API"):
        EuFundingTenders(portal=load_portal(config_dir, "vinnova"))
    with pytest.raises(ConfigError, match="publishes no lists"):
        Vinnova(portal=load_portal(config_dir, "eu_funding_tenders"))
    with pytest.raises(ConfigError, match="answers no queries"):
        Ted(portal=load_portal(config_dir, "vinnova"))


def test_a_crawl_that_was_interrupted_proves_nothing() -> None:
    spider = Vinnova()
    report = spider.report()
    assert [(part.name, part.proven) for part in report.parts] == [("rounds", False)]
    assert report.issues[-1].problem == "it was ended before everything had been asked"
