"""Runs commands of callwatch, each in a fork of this process.

A Twisted reactor starts once per process, and importing everything anew for each command would cost a second.

Standard input: a JSON object a line, {"start": {...}} or {"wait": PID}; each is answered by a line.
"""

from __future__ import annotations

import gc
import importlib
import json
import os
import sys
from datetime import datetime
from functools import partialmethod
from typing import Any

from tests.harvest.tampering import TAMPER

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


if __name__ == "__main__":
    main()
