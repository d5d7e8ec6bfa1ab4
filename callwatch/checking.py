"""Live probes: one request to each portal, and its answer compared with the shape that was recorded."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import msgspec

from callwatch.crawl import crawler_process, portal_of, spider_of
from callwatch.wiring import Wiring
from pipeline.checks import fill_problems
from pipeline.errors import ConfigError
from pipeline.harvest import NOTHING_FOUND
from pipeline.source import PagePortal, Portal
from spiders.base.envelope import NotAnAnswer
from spiders.base.look import Recent, Seen, look, question
from spiders.base.memory import Memory
from spiders.base.shape import Difference, Shape, differences, shape_of, unknown, unpacked
from spiders.once import ABOUT, Once
from spiders.select import NothingFound

FOLDER = "shapes"


class Probe(msgspec.Struct):
    """What came of one request. `news`: fields that were not there when the shape was recorded."""

    portal: str
    entries: int = 0
    part: str = ""
    differences: list[Difference] = []
    news: list[str] = []
    seen: Seen | None = None

    @property
    def state(self) -> str:
        """In a word or two."""
        if self.seen is None:
            return "not readable"
        return "differs" if self.differences else "as recorded"


def probe(wiring: Wiring, names: Sequence[str]) -> list[Probe]:
    """Ask each of these portals one question, all side by side. A fault of ours is raised at the end."""
    process = crawler_process(wiring)
    found: dict[str, Probe] = {}
    crawlers = []
    for name in names:
        found[name] = Probe(name)
        asked = spider_of(name)(portal=portal_of(wiring, name), intake=Recent())
        crawler = process.create_crawler(Once)
        given: dict[str, Any] = {"portal": asked.portal, "base_url": asked.base_url}
        given |= {"first": partial(question, asked), "take": partial(_take, found[name], asked)}
        crawlers.append((name, crawler, process.crawl(crawler, secret=getattr(asked, "secret", None), **given)))
    if crawlers:
        process.start()
    for name, crawler, task in crawlers:
        if failure := task.exception() or crawler.spider.failure:
            raise failure
        found[name].differences += [Difference("answer", each) for each in crawler.spider.problems.values()]
    return [_judged(wiring, found[name]) for name in names]


def shape_file(wiring: Wiring, portal: str) -> Path:
    """Where the shape of a portal stands."""
    return wiring.config(f"{FOLDER}/{portal}.json") / f"{portal}.json"


def _take(probe: Probe, asked: Any, response: Any) -> tuple[()]:
    try:
        probe.seen = look(asked, response, response.request.meta[ABOUT])
    except (NotAnAnswer, NothingFound) as problem:
        probe.differences.append(Difference("answer", str(problem)))
    return ()


def _judged(wiring: Wiring, probe: Probe) -> Probe:
    """Compare what was seen with the recorded shape and the bounds."""
    if probe.seen is None:
        return probe
    portal, seen = wiring.portal(probe.portal), probe.seen
    probe.entries, probe.part = len(seen.items), seen.part
    told = [Difference(issue.field, issue.problem) for issue in seen.issues]
    told += _out_of_bounds(portal_of(wiring, portal.name), seen)
    recorded = recorded_shape(wiring, portal.name)
    now = shape_of(seen.items, of="now", part=seen.part)
    if recorded is None:
        told.append(Difference("shape", "none is recorded"))
    elif seen.items:
        known = {difference.field for difference in told}
        told += [each for each in differences(recorded, now, len(seen.items)) if each.field not in known]
        probe.news = unknown(recorded, now)
    probe.differences += told
    return probe


def recorded_shape(wiring: Wiring, portal: str) -> Shape | None:
    """The recorded shape, if there is one. Raises ConfigError when its file cannot be read."""
    path = shape_file(wiring, portal)
    if not path.is_file():
        return None
    try:
        return unpacked(path.read_bytes())
    except (OSError, msgspec.MsgspecError) as error:
        raise ConfigError(
            f"{path}: no shape of a portal ({error}). Write it again: `callwatch portals record {portal}`."
        ) from error


def _out_of_bounds(portal: Portal, seen: Seen) -> Iterator[Difference]:
    """What the bounds of the YAML say of one answer."""
    harvest: Any = portal.harvest  # type: ignore[attr-defined]
    parts = getattr(harvest, "sources", getattr(harvest, "lists", ()))
    alone = len(parts) <= 1 and seen.whole and not getattr(parts[0] if parts else None, "about", None)
    least = max(getattr(parts[0], "at_least", 1) if parts else 1, portal.bounds.min_items if alone else 0)
    most = getattr(harvest, "max_total", 0) or harvest.max_items
    if seen.whole and not least <= seen.total:
        yield Difference("bounds", f"{seen.total} entries, at least {least} expected")
    if seen.total > most:
        yield Difference("bounds", f"{seen.total} entries, at most {most} expected")
    memory = Memory(portal.name)
    memory.take(seen.batch)
    calls = list(memory.calls(lambda _: None)) if seen.whole else []
    for issue in fill_problems(calls, portal.bounds.fill):
        yield Difference(f"bounds: {issue.field}", issue.problem)


def remedy(portal: Portal, difference: Difference) -> str:
    """What to do about a difference."""
    said, field = difference.problem, difference.field
    yaml, code = f"config/portals/{portal.name}.yml", f"pipeline/normalise/{portal.name}.py"
    again = f"`callwatch portals record {portal.name}`"
    if "robots.txt" in said:
        return f'ask the owner, or write `off: "why"` in {yaml}'
    if field == "shape":
        return f"{again}, or `python -m tests.portals.shapes {portal.name}` from its test folder"
    if field.startswith("bounds: "):
        return f"mend {code}"
    if field == "bounds":
        return f"look at {portal.url}; move the bound in {yaml} only once you know why"
    if said.startswith(NOTHING_FOUND):
        return f"look at {portal.url}, and mend the selector in {yaml}"
    if field == "answer":
        return f"open {portal.url} in a browser; mend {yaml} if it has moved, else try again later"
    place = yaml if isinstance(portal, PagePortal) else code
    return f"look at {portal.url}, and mend {place}; then {again}"
