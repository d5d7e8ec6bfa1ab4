"""Runs commands of callwatch, each in a fork of this process.

A Twisted reactor starts once per process, and importing everything anew for each command would cost a second.

Standard input: a JSON object a line, {"start": {...}} or {"wait": PID}; each is answered by a line.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partialmethod
from pathlib import Path
from typing import Any

LOADED_ONCE = (
    "callwatch.cli", "callwatch.cli.sheet", "callwatch.cli.views", "callwatch.crawl", "callwatch.selection",
    "callwatch.wiring", "pipeline.classify", "pipeline.normalise.eu_funding_tenders", "pipeline.replay",
    "pipeline.store", "sqlalchemy.dialects.sqlite", "sqlalchemy.dialects.postgresql.psycopg", "psycopg",
    "rich.table", "rich.console", "scrapy.core.downloader.handlers.http11", "scrapy.core.engine",
    "scrapy.crawler", "scrapy.extensions.feedexport", "scrapy.squeues", "scrapy.pqueues",
    "scrapy.core.scheduler", "scrapy.downloadermiddlewares.robotstxt", "spiders.portals.eu_funding_tenders",
)  # fmt: skip

CONFIGURATION = ("profiles", "classifier", "portals", "programmes")
OWN: dict[str, Any] = {}
"""How each of them is read anew."""


def main() -> None:
    """Answer until standard input ends; then no child is left."""
    for module in LOADED_ONCE:
        importlib.import_module(module)
    _read_configuration()
    gc.collect()
    gc.freeze()  # what is shared with the children is not to be copied for being counted
    for line in sys.stdin:
        asked = json.loads(line)
        answer = {"pid": start(asked["start"])} if "start" in asked else {"code": wait(asked["wait"])}
        os.write(1, json.dumps(answer).encode() + b"\n")


def _read_configuration() -> None:
    """Once for all commands that name no configuration of their own."""
    from callwatch.wiring import Wiring

    read = Wiring()
    for name in CONFIGURATION:
        OWN[name] = Wiring.__dict__[name]
        setattr(Wiring, name, getattr(read, name))


def start(given: dict[str, Any]) -> int:
    """Fork a child that runs one command; its output goes to files."""
    child = os.fork()
    if child == 0:
        code = 70
        try:
            code = command(given)
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            os._exit(code)
    return child


def wait(child: int) -> int:
    """Exit code of a child; negative = the signal that ended it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def command(given: dict[str, Any]) -> int:
    """What `callwatch` does in a process of its own; the exit code."""
    os.environ.update(given["env"])
    os.chdir(given["folder"])
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        file = os.open(given[name], os.O_RDONLY if number == 0 else os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.dup2(file, number)
    if "CALLWATCH_CONFIG" in given["env"]:
        from callwatch.wiring import Wiring

        for name, own in OWN.items():
            setattr(Wiring, name, own)
    if given["at"]:
        set_clock(datetime.fromisoformat(given["at"]))
    for name, argument in given["tamper"].items():
        TAMPER[name](argument)
    sys.argv = ["callwatch", *given["arguments"]]
    from callwatch.cli import main as callwatch

    try:
        callwatch()
    except SystemExit as end:
        return int(end.code or 0)
    except BaseException:  # noqa: BLE001 - as the interpreter does
        sys.excepthook(*sys.exc_info())
        return 1
    return 0


def set_clock(now: datetime) -> None:
    """Every Wiring of this process takes `now` for the time."""
    from callwatch import wiring

    whole = wiring.Wiring.__init__
    wiring.Wiring.__init__ = partialmethod(whole, clock=lambda: now)  # type: ignore[assignment]


def kill_before(number: int) -> None:
    """SIGKILL in place of the commit of the so-many-th write transaction."""
    _die(number, committed=False)


def kill_after(number: int) -> None:
    """SIGKILL right after the commit of the so-many-th write transaction."""
    _die(number, committed=True)


def _die(number: int, *, committed: bool) -> None:
    from pipeline.store import Store

    whole, left = Store.begin, number

    @contextmanager
    def begin(store: Store) -> Iterator[Any]:
        nonlocal left
        left -= 1
        with whole(store) as connection:
            yield connection
            if left == 0 and not committed:
                os.kill(os.getpid(), signal.SIGKILL)
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    Store.begin = begin  # type: ignore[method-assign]


def small_chunks(size: int) -> None:
    """So many calls are settled in one transaction."""
    from pipeline import run

    run.CHUNK = size


def retries(number: int) -> None:
    """A page is asked for so many times more, not four."""
    from callwatch.wiring import Wiring

    changed = {}
    for name, portal in Wiring().portals.items():
        retry = portal.requests.retry.model_copy(update={"times": number})
        requests = portal.requests.model_copy(update={"retry": retry})
        changed[name] = portal.model_copy(update={"requests": requests})
    Wiring.portals = changed  # type: ignore[assignment]


def pages_at_most(number: int) -> None:
    """An SQLite database may not grow beyond so many pages: a full disk."""
    from sqlalchemy import Engine, event

    def limit(connection: Any, _: Any) -> None:
        connection.execute(f"PRAGMA max_page_count={number}")

    event.listen(Engine, "connect", limit)


def other_titles(_: Any) -> None:
    """Another normaliser: all titles are longer."""
    import msgspec

    from pipeline.settle import Workshop

    whole = Workshop.assemble

    def assemble(workshop: Workshop, documents: Any) -> Any:
        call, issues = whole(workshop, documents)
        return (msgspec.structs.replace(call, title=f"{call.title} AGAIN") if call else None), issues

    Workshop.assemble = assemble  # type: ignore[method-assign]


def count_reads(path: str) -> None:
    """Write to `path` how many items the spider had to read, and how many calls were assembled."""
    from pipeline.settle import Workshop
    from spiders.base.records import Reader

    counted = {"read": 0, "assembled": 0}
    read, assemble = Reader._read, Workshop.assemble

    def note(what: str) -> None:
        counted[what] += 1
        Path(path).write_text(json.dumps(counted))

    def counting_read(*given: Any) -> Any:
        note("read")
        return read(*given)

    def counting_assemble(*given: Any) -> Any:
        note("assembled")
        return assemble(*given)

    Path(path).write_text(json.dumps(counted))
    Reader._read, Workshop.assemble = counting_read, counting_assemble  # type: ignore[method-assign]


def raise_in(places: list[str]) -> None:
    """A fault of ours in each of these functions, named like module:Class.function."""
    for place in places:
        module, _, path = place.partition(":")
        owner: Any = importlib.import_module(module)
        *inner, name = path.split(".")
        for part in inner:
            owner = getattr(owner, part)

        def fail(*_: Any, place: str = place, **__: Any) -> Any:
            raise RuntimeError(f"broken on purpose: {place}")

        setattr(owner, name, fail)


def memory_more_at_most(mib: int) -> None:
    """What the process has now, and so much more; beyond it, memory ends."""
    import resource

    now = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (now + (mib << 20),) * 2)


TAMPER: dict[str, Any] = {
    function.__name__: function
    for function in (
        kill_before,
        kill_after,
        small_chunks,
        retries,
        pages_at_most,
        other_titles,
        count_reads,
        raise_in,
        memory_more_at_most,
    )
}

if __name__ == "__main__":
    main()
