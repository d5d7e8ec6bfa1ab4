"""What a test may change in a command before it runs: kills at a commit, full disks, another normaliser."""

from __future__ import annotations

import importlib
import json
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any


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
