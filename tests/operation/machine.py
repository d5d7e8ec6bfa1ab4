"""callwatch on a machine of its own: a folder, a portal, a mail server, and commands as real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

from alerts.message import decode
from callwatch.demo.standin.server import StandIn
from pipeline.outbox import OutboxMessage
from pipeline.store import Outbox, Store, runs, slots
from tests.conftest import ROOT

PORTAL = "eu_funding_tenders"
PATIENCE = 240.0
"""Seconds after which a test gives up waiting; a busy machine is slow, not wrong."""
BOOK: dict[str, Any] = {
    "vouched": True,
    "contacts": {
        "sme": {"name": "Timber & Sons", "email": "sme@reader.example"},
        "ops": {"name": "Operators", "time_zone": "UTC"},
    },
    "subscriptions": [
        {"key": "cascades", "contact": "sme", "channel": "email", "cadence": "at_once",
         "filters": {"kinds": ["cascade"]}},
    ],
    "ops": {"contact": "ops", "channel": "file"},
}  # fmt: skip


class Machine:
    """Commands over one database in one folder; `smtp` is where mails go."""

    def __init__(self, folder: Path, portal: StandIn, smtp: str, schedule: str = "every 6 hours") -> None:
        self.folder, self.portal = folder, portal
        self.config, self.database = folder / "config", folder / "data" / "callwatch.db"
        self.started: list[subprocess.Popen[bytes]] = []
        (self.config / "portals").mkdir(parents=True)
        self.database.parent.mkdir()
        source = yaml.safe_load((ROOT / "config" / "portals" / f"{PORTAL}.yml").read_text(encoding="utf-8"))
        source["schedule"] = schedule
        (self.config / "portals" / f"{PORTAL}.yml").write_text(yaml.safe_dump(source), encoding="utf-8")
        self.subscribe(BOOK)
        clean = {k: v for k, v in os.environ.items() if not k.startswith("CALLWATCH_")}
        self.environment = clean | {
            "CALLWATCH_DATABASE_URL": f"sqlite:///{self.database}",
            "CALLWATCH_CONFIG": str(self.config),
            "CALLWATCH_EU_FUNDING_TENDERS_BASE_URL": portal.base_url,
            "CALLWATCH_SMTP_URL": smtp,
            "CALLWATCH_MAIL_FROM": "callwatch <alerts@callwatch.example>",
            "CALLWATCH_OUT_DIR": str(folder / "out"),
            "NO_PROXY": "127.0.0.1",
            "PYTHONPATH": str(ROOT),
        }

    def subscribe(self, book: dict[str, Any]) -> None:
        """Write subscriptions.yml."""
        (self.config / "subscriptions.yml").write_text(yaml.safe_dump(book), encoding="utf-8")

    def start(self, *arguments: str, module: str = "callwatch") -> subprocess.Popen[bytes]:
        """Begin a command; what it says goes to `said`."""
        number = len(self.started)
        with (self.folder / f"{number}.out").open("wb") as out, (self.folder / f"{number}.err").open("wb") as err:
            process = subprocess.Popen(
                [sys.executable, "-m", module, *arguments],
                env=self.environment,
                cwd=self.folder,
                stdout=out,
                stderr=err,
            )
        self.started.append(process)
        return process

    def said(self, process: subprocess.Popen[bytes]) -> str:
        """What it wrote to stderr."""
        return (self.folder / f"{self.started.index(process)}.err").read_text(encoding="utf-8")

    def stop(self, process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> int:
        """Signal it, and wait; its exit code."""
        if process.poll() is None:
            process.send_signal(number)
        return process.wait(PATIENCE)

    def end(self) -> None:
        """No process of ours is left."""
        for process in self.started:
            for child in children(process.pid) if process.poll() is None else []:
                os.kill(child, signal.SIGKILL)
            if process.poll() is None:
                process.kill()
            process.wait()

    def store(self) -> Store:
        """The database; to be closed."""
        return Store.open(f"sqlite:///{self.database}")

    def slots(self) -> list[slots.Taken]:
        """The newest slot of the portal, if one was begun."""
        if not self.database.exists():
            return []
        with self.store() as store, store.read() as conn:
            return list(slots.newest(conn, slots.harvest_job(PORTAL)).values())

    def runs(self) -> list[runs.Run]:
        """All harvests, the first one first."""
        with self.store() as store, store.read() as conn:
            return runs.latest(conn, PORTAL, 1000)[::-1]

    def messages(self) -> list[OutboxMessage]:
        """Everything in the outbox."""
        with self.store() as store:
            return Outbox(store).messages()

    def told_ops(self) -> list[str]:
        """What operators were told, line by line."""
        told = [decode(entry.message.payload) for entry in self.messages() if entry.message.kind == "ops"]
        return [line for message in told for line in message.lines]


def children(pid: int) -> list[int]:
    """Processes that it started and that are still there."""
    return [int(n) for of in Path(f"/proc/{pid}/task").glob("*/children") for n in of.read_text().split()]


def the_child(process: subprocess.Popen[bytes], word: str) -> int:
    """The child of a daemon whose command names `word`; 0 while there is none."""
    for pid in children(process.pid):
        if word.encode() in Path(f"/proc/{pid}/cmdline").read_bytes():
            return pid
    return 0


def until(true: Callable[[], Any], seconds: float = PATIENCE) -> Any:
    """Wait for something to become true, and return it."""
    end = time.monotonic() + seconds
    while not (found := true()):
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.1)
    return found
