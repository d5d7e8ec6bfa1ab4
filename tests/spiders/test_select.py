"""Values out of a tree: the text of a match, an attribute of it, an attribute of the row itself."""

from __future__ import annotations

import pytest
from bs4 import BeautifulSoup
from pydantic import TypeAdapter, ValidationError

from pipeline.source_pages import Selector
from spiders.select import value

ROW = BeautifulSoup('<a href="/row" class="x">Row <b title="deep">one</b></a>', "lxml").a


@pytest.mark.parametrize(
    ("selector", "found"),
    [("b", "one"), ("b@title", "deep"), ("@href", "/row"), ("@id", ""), ("i", ""), ("i@title", "")],
)
def test_value(selector: str, found: str) -> None:
    assert ROW
    assert value(ROW, selector) == found


def test_selectors_of_yaml() -> None:
    check = TypeAdapter(Selector).validate_python
    assert [check(text) for text in ("a[href]@href", "@href")] == ["a[href]@href", "@href"]
    for wrong in ("a[", "a[@href"):
        with pytest.raises(ValidationError, match="no CSS selector"):
            check(wrong)
