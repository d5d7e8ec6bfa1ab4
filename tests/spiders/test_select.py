"""Selectors of a portal's YAML, and what they read."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from pydantic import TypeAdapter, ValidationError

from pipeline.source_pages import Css, Selector
from spiders.select import value

ROW = BeautifulSoup(
    '<a class="card" href="/calls/7"><h3>Two  words</h3><time datetime="2027-01-02">soon</time></a>', "lxml"
).a


@pytest.mark.parametrize(
    ("selector", "read"),
    [
        ("h3", "Two words"),
        ("time@datetime", "2027-01-02"),
        ("@href", "/calls/7"),
        ("@id", ""),
        ("p", ""),
        ("p@id", ""),
    ],
)
def test_a_value_is_text_or_an_attribute_also_of_the_row_itself(selector: str, read: str) -> None:
    assert ROW
    assert value(ROW, TypeAdapter(Selector).validate_python(selector)) == read


@pytest.mark.parametrize(("kind", "text"), [(Css, "@href"), (Css, "a["), (Selector, "@"), (Selector, "a[@href")])
def test_what_is_no_selector_is_refused_when_the_yaml_is_read(kind: object, text: str) -> None:
    with pytest.raises(ValidationError, match="is no CSS selector"):
        TypeAdapter(kind).validate_python(text)
