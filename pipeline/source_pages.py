"""What the YAML of a portal of pages says under `harvest:`: where its pages are named, what is kept of them."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, ValidationInfo, model_validator

from pipeline.source_forms import Address, Name, Positive
from pipeline.yaml_data import Strict


def _css(text: str, info: ValidationInfo) -> str:
    if info.context and not info.context.get("selectors", True):
        return text
    # Imported for portals of pages alone: it brings BeautifulSoup along.
    from soupsieve import SelectorSyntaxError
    from soupsieve import compile as compile_selector

    try:
        compile_selector(text)
    except SelectorSyntaxError as error:
        raise ValueError(f'"{text}" is no CSS selector ({str(error).splitlines()[0]})') from error
    return text


def _selector(text: str, info: ValidationInfo) -> str:
    css, at, attribute = text.partition("@")
    if css or not (at and attribute):
        _css(css, info)
    return text


def _pattern(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f'"{text}" is no regular expression ({error})') from error
    return text


Css = Annotated[str, Field(min_length=1), AfterValidator(_css)]
Selector = Annotated[str, Field(min_length=1), AfterValidator(_selector)]
"""CSS for a value: `selector@attribute` reads that attribute, not the text; `@attribute` that of the row."""
Pattern = Annotated[str, Field(min_length=1), AfterValidator(_pattern)]


class Split(Strict):
    """Where several calls stand on one page. `at`: headings, each with what follows up to the next one, or rows.

    Those count whose heading matches `title` and whose text matches `where`; with two or more each is an item.
    """

    at: Selector
    title: Pattern
    where: Pattern


class Source(Strict):
    """One place that names items: `by` says how it is read (spiders/base/<by>.py).

    listing     a web page; each of `rows` is an item, `link` its address, `fields` what the row says of it; `next`
                leads to the next page
    feed        RSS or Atom
    sitemap     sitemap.xml, also in parts; a page whose lastmod has not changed is not asked for again
    page_watch  the page itself is the item; or each of `items` in it; or each part that begins with a `split`
    embedded    a JSON array in a script of the page, called `variable`
    bulk_file   a file of rows: XLSX, CSV or JSON; with `file`, that selector finds its address on the page `url`

    Of the items only those whose address or title matches `only`, and does not match `skip`, are taken. With
    `details` the page of each is fetched; of a page only the part `keep` without `drop` is stored, and nothing if
    its text does not match `about` (a part also: it has the heading above it as field `under`). Less than
    `at_least` items: something has changed, and nothing is concluded from absence. `page_fields` are values read
    from the whole page of an item, beside those of the list; `split` as a mapping says which pages hold several.
    `private` matches the address that readers without an account are sent to. `host` replaces one that is written
    wrong.
    """

    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
    by: Literal["listing", "feed", "sitemap", "page_watch", "embedded", "bulk_file"]
    url: Address
    rows: Css | None = None
    link: Selector = "a[href]@href"
    fields: dict[Name, Selector] = Field(default_factory=dict)
    next: Css | None = None
    pages: Positive = 20
    items: Css | None = None
    file: Css | None = None
    variable: Annotated[str, Field(pattern=r"^[A-Za-z_$][\w$]*$")] | None = None
    host: Name | None = None
    only: Pattern | None = None
    skip: Pattern | None = None
    details: bool = False
    keep: Css = "main"
    drop: tuple[Css, ...] = ()
    page_fields: dict[Name, Selector] = Field(default_factory=dict)
    split: Css | Split | None = None
    about: Pattern | None = None
    private: Pattern | None = None
    at_least: Annotated[int, Field(ge=0)] = 1

    @model_validator(mode="after")
    def _what_its_way_needs(self) -> Source:
        needed = {"listing": "rows", "embedded": "variable"}.get(self.by)
        if needed and getattr(self, needed) is None:
            raise ValueError(f"a source by {self.by} needs `{needed}`")
        if self.file and self.by != "bulk_file":
            raise ValueError("`file` belongs to a bulk_file")
        if self.split and (self.items or self.by in ("embedded", "bulk_file")):
            raise ValueError("`split` belongs to a web page, and there is no `items` beside it")
        return self


class Pages(Strict):
    """What is asked of a portal of web pages. More than `max_items` in one source: something else came."""

    base: Literal["pages"]
    sources: tuple[Source, ...] = Field(min_length=1)
    max_items: Positive

    @model_validator(mode="after")
    def _each_name_once(self) -> Pages:
        names = [source.name for source in self.sources]
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"sources named twice: {', '.join(twice)}")
        return self
