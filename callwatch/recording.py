"""`callwatch portals record`: what a portal answers today, as its test folder and as its recorded shape."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

import msgspec
import yaml
from scrapy import signals
from scrapy.http import Response

from callwatch.checking import FOLDER, probe, recorded_shape
from callwatch.crawl import crawler_process, portal_of, spider_of
from callwatch.scaffold import site, writing
from callwatch.scaffold.site import Reply, text_of
from callwatch.wiring import Wiring
from pipeline.errors import PortalDrift
from pipeline.source import PagePortal
from pipeline.text import html_to_text
from spiders.base.frontier import Ask
from spiders.base.look import Items, Recent, entries
from spiders.base.shape import differences, packed, shape_of


class Recorded(msgspec.Struct, frozen=True):
    """What was recorded: lines about files and about the shape; `issues` of the harvest it came from."""

    files: Sequence[str]
    shape: Sequence[str]
    issues: Sequence[str] = ()


def record(wiring: Wiring, name: str, pages: int, *, shape_only: bool) -> Recorded:
    """Ask a portal for its lists and `pages` pages of each, and write them down.

    Of portals of lists and searches, and with `shape_only`, one question is asked and only the shape is kept: no
    text. Raises PortalDrift when nothing came that can be read; then nothing is written.
    """
    root = writing.checkout()
    if shape_only or not isinstance(wiring.portal(name), PagePortal):
        (found,) = probe(wiring, [name])
        if found.seen is None or not found.seen.items:
            raise PortalDrift(
                f"{name}: {'; '.join(each.problem for each in found.differences)}. Nothing was written."
            )
        return Recorded((), _write_shape(wiring, root, name, found.seen.part, found.seen.items))
    spider, came = _crawl(wiring, name, pages)
    report = spider.report()
    lists = [response for ask, response in came if ask.source.name == report.parts[0].name and not _is_page(ask)]
    issues = [f"{issue.field}: {issue.problem}" for issue in report.issues if issue.field != "limit"]
    if report.refused or not lists:
        said = report.refused or "; ".join(issues)
        raise PortalDrift(f"{name}: {said}. Nothing was written.")
    items, _ = entries(spider.portal, lists[0])
    kept = {ask.url for ask, _ in came if _is_page(ask)}
    replies = [Reply(ask.url, r.body, text_of(r), ask.source, _is_page(ask)) for ask, r in came]
    lines = _replace(root / "tests" / "portals" / name, site.files(replies, kept))
    return Recorded(lines, _write_shape(wiring, root, name, report.parts[0].name, items), issues)


def _crawl(wiring: Wiring, name: str, pages: int) -> tuple[Any, list[tuple[Ask, Response]]]:
    """A harvest of a few items, of which the answers are kept instead of the calls."""
    process = crawler_process(wiring)
    crawler = process.create_crawler(spider_of(name))
    came: list[tuple[Ask, Response]] = []

    def keep(response: Response, request: Any, **_: Any) -> None:
        ask = request.cb_kwargs.get("ask")
        if ask is not None and response.status == 200:
            came.append((ask, response))

    crawler.signals.connect(keep, signal=signals.response_received, weak=False)
    task = process.crawl(crawler, portal=portal_of(wiring, name), limit=pages, intake=Recent())
    process.start()
    if failure := task.exception() or crawler.spider.failure:
        raise failure
    return crawler.spider, came


def _is_page(ask: Ask) -> bool:
    """Whether it is the page of an item, not a list or the page that is watched."""
    return ask.entry is not None and ask.source.by != "page_watch"


def _replace(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Put these files in the place of the test folder's; a line for each, what has become of it."""
    before = _by_address(folder)
    new, old = folder / "site.new", folder / "site.old"
    for left in (new, old):
        shutil.rmtree(left, ignore_errors=True)
    for name, body in files.items():
        place = new / name.removeprefix("site/")
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(body)
    (new / "site.yml").replace(folder / "site.yml")
    if (folder / "site").exists():
        (folder / "site").rename(old)
    new.rename(folder / "site")
    shutil.rmtree(old, ignore_errors=True)
    after = _by_address(folder)
    gone = [f"gone      {url}" for url in before if url not in after]
    return [f"{_change(before.get(url), body):<9} {url}" for url, body in after.items()] + gone


def _by_address(folder: Path) -> dict[str, bytes]:
    places = folder / "site.yml"
    named = yaml.safe_load(places.read_text(encoding="utf-8")) if places.is_file() else {}
    return {url: (folder / "site" / name).read_bytes() for url, name in named.items()}


def _change(before: bytes | None, after: bytes) -> str:
    """`new`, `same`, or how many lines of text were added and removed."""
    if before is None or before == after:
        return "new" if before is None else "same"
    old, new = (html_to_text(body.decode("utf-8", "replace")).splitlines() for body in (before, after))
    steps = [step for step in SequenceMatcher(None, old, new, autojunk=False).get_opcodes() if step[0] != "equal"]
    return f"+{sum(step[4] - step[3] for step in steps)} -{sum(step[2] - step[1] for step in steps)}"


def _write_shape(wiring: Wiring, root: Path, name: str, part: str, items: Items) -> list[str]:
    """Write config/shapes/NAME.json; what differs from the one before."""
    known = recorded_shape(wiring, name)
    now = shape_of(items, of=f"live {wiring.clock().date().isoformat()}", part=part)
    path = root / "config" / FOLDER / f"{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(packed(now))
    if known is None:
        return []
    added = [f"{field}: new" for field in now.fields if field not in known.fields]
    return [f"{each.field}: {each.problem}" for each in differences(known, now, len(items))] + added
